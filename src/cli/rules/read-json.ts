import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ConfigurationError, Problem } from '../../errors.ts'
import { type Body, readBody } from '../../ingest/body.ts'
import { errorCode } from '../../lookups/file-version.ts'
import { explainFileError } from '../../values/messages.ts'

/** Reads a JSON file, or standard input for `-`. Throws `ConfigurationError` if it is unreadable or not JSON. */
export async function readJson(file: string): Promise<unknown> {
  const content = await readInput(file)
  try {
    return JSON.parse(content.toString('utf8'))
  } catch (error) {
    throw new ConfigurationError(`${nameOf(file)} is not JSON`, [
      error instanceof Error ? error.message : String(error),
    ])
  }
}

/** Reads the items of a file as the webhook reads them in a request: JSON, NDJSON, with a byte order mark, encoded twice. */
export async function readItems(file: string): Promise<Body> {
  const content = await readInput(file)
  try {
    return readBody(content, {}, Number.POSITIVE_INFINITY)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw error.detail === undefined
      ? new ConfigurationError(`${nameOf(file)} is not JSON`, [])
      : new ConfigurationError(`${nameOf(file)} is not a body that the service accepts`, [error.detail])
  }
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file)

async function readInput(file: string): Promise<Buffer> {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(file))
  } catch (error) {
    const code = errorCode(error)
    throw new ConfigurationError(`${nameOf(file)} cannot be read`, [`${code}${explainFileError(code)}`])
  }
}
