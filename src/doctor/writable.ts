import { access, constants, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../errors.ts'

export interface WriteProblem {
  readonly path: string
  readonly step: 'created' | 'written' | 'flushed (fsync)'
  /** Of the system, such as `EROFS`. */
  readonly code: string
}

/** The folder itself, or the nearest one above it that exists: a start creates the missing ones. */
export async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined)
  const parent = dirname(folder)
  return found?.isDirectory() === true || parent === folder ? folder : nearestFolder(parent)
}

/**
 * Checks that the files may be written, without writing them, and that a new file in the folder can be written and flushed
 * to the disk. Removes the new file. Undefined: everything works.
 */
export async function whyNotWritable(
  folder: string,
  files: readonly string[],
): Promise<WriteProblem | undefined> {
  for (const path of files) {
    const code = await codeOf(access(path, constants.W_OK))
    if (code !== undefined) return { path, step: 'written', code }
  }
  const path = join(folder, `.genesys-enricher-doctor-${process.pid}`)
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const written = await codeOf(file.writeFile(Buffer.alloc(4_096)))
      if (written !== undefined) return { path, step: 'written', code: written }
      const flushed = await codeOf(file.sync())
      if (flushed !== undefined) return { path, step: 'flushed (fsync)', code: flushed }
      return undefined
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
  } catch (error) {
    return { path, step: 'created', code: systemCodeOf(error, 'unknown') }
  }
}

/** Undefined if the step succeeds. */
const codeOf = async (step: Promise<void>): Promise<string | undefined> => {
  try {
    await step
    return undefined
  } catch (error) {
    return systemCodeOf(error, 'unknown')
  }
}
