import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { ConfigurationError } from '../../errors.ts'
import { errorCode } from '../../lookups/file-version.ts'
import { explainFileError } from '../../values/file-error.ts'

/** Reads a JSON file, or standard input for `-`. Throws `ConfigurationError` if it is unreadable or not JSON. */
export async function readJson(file: string): Promise<unknown> {
  const name = file === '-' ? 'standard input' : file
  let content: string
  try {
    content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'))
  } catch (error) {
    const code = errorCode(error)
    throw new ConfigurationError(`${name} cannot be read`, [`${code}${explainFileError(code)}`])
  }
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new ConfigurationError(`${name} is not JSON`, [
      error instanceof Error ? error.message : String(error),
    ])
  }
}
