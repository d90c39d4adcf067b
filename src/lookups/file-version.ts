import { stat } from 'node:fs/promises'

/**
 * A text that changes when the file does: written, replaced by another one (as editors do), or reached by a link that now
 * leads elsewhere (as Kubernetes does). Costs one look at the file system. A file that is gone has the version `ENOENT`,
 * one that cannot be reached the code that says why. Never rejects.
 */
export async function fileVersion(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join('-')
  } catch (error) {
    return errorCode(error)
  }
}

export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
