import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorCode } from './file-version.ts'
import type { HttpLookup } from './lookup-schema.ts'

export type HeaderValues =
  | { readonly kind: 'ok'; readonly headers: Readonly<Record<string, string>> }
  /** In plain words, without any value. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/**
 * The headers of a lookup, those in files read now: a secret that is rotated takes effect with the next call. Paths are
 * relative to `folder`; white space at the ends of a file is not part of the value. Never rejects.
 */
export async function readHeaders(headers: HttpLookup['headers'], folder: string): Promise<HeaderValues> {
  const values: Record<string, string> = {}
  const problems: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') {
      values[name] = value
      continue
    }
    try {
      const text = (await readFile(resolve(folder, value.file), 'utf8')).trim()
      if (/^[\t\x20-\x7e]+$/.test(text)) values[name] = text
      else problems.push(`the file of header ${name} is empty, or holds more than one line of plain text`)
    } catch (error) {
      problems.push(`the file of header ${name} cannot be read (${errorCode(error)})`)
    }
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'ok', headers: values }
}
