import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorCode } from './file-version.ts'
import type { HttpLookup } from './lookup-schema.ts'

export type HeaderValues =
  | { readonly kind: 'ok'; readonly headers: Readonly<Record<string, string>> }
  /** Messages without header values. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/**
 * The headers of a lookup. Reads header files on every call, so a rotated secret takes effect with the next call. Paths are
 * relative to `folder`; leading and trailing white space of a file is removed. Never rejects.
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
      else problems.push(`the file of header ${name} is empty, or contains more than one line of plain text`)
    } catch (error) {
      problems.push(`the file of header ${name} cannot be read (${errorCode(error)})`)
    }
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'ok', headers: values }
}
