import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { systemCodeOf } from '../../errors.ts'

/** The path of a copy that the file guard saves beside the inbox, if another file is at its path. `now`: epoch ms. */
export const savedCopyPath = (file: string, now: number): string =>
  `${file}.rescued-${new Date(now).toISOString().replaceAll(':', '-')}`

const time = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z$/

/**
 * The copies beside an inbox that an earlier run of the service has saved, oldest first. Not among them: unfinished ones, the files that
 * SQLite keeps beside a copy, and another name of the inbox file, which a kill in the middle of a restoration leaves. None if the file
 * system does not say: to open the inbox fails with the same cause.
 */
export function findSavedCopies(path: string): readonly string[] {
  try {
    const inbox = find(path)
    const file = inbox === undefined ? path : realpathSync(path)
    const prefix = `${basename(file)}.rescued-`
    return readdirSync(dirname(file))
      .filter((name) => name.startsWith(prefix) && time.test(name.slice(prefix.length)))
      .sort()
      .map((name) => join(dirname(file), name))
      .filter((copy) => !isSameFile(find(copy), inbox))
  } catch (error) {
    if (systemCodeOf(error, '') === '') throw error
    return []
  }
}

const find = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false })

const isSameFile = (one: Stats | undefined, other: Stats | undefined): boolean =>
  one?.ino === other?.ino && one?.dev === other?.dev
