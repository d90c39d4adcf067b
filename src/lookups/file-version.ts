import { stat } from 'node:fs/promises'
import { systemCodeOf } from '../errors.ts'

/**
 * A string that changes with the file: when it is written, replaced (as editors do), or when a link to it changes (as
 * Kubernetes does). Costs one `stat`. If `stat` fails, the version is the error code, such as `ENOENT`. Never rejects.
 */
export async function fileVersion(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join('-')
  } catch (error) {
    return systemCodeOf(error, 'unreadable')
  }
}
