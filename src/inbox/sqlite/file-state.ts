import { systemCodeOf } from '../../errors.ts'
import { InboxOpenError } from '../inbox.ts'

/** The file at a path, compared with the file that the service opened there. */
export type Seen = 'ours' | 'missing' | 'other'

/** What is at the paths of the inbox. */
export interface FileSituation {
  /** `other_device`: the volume was unmounted, and the mount point shows through. */
  readonly folder: 'present' | 'missing' | 'other_device'
  readonly file: Seen
  readonly wal: Seen
  readonly lock: Seen
}

export type FileStep =
  /** All files are in place. */
  | 'none'
  /** The inbox file is in place: write the WAL into it, open it again, and take the lock again. */
  | 'reopen'
  /** The path is free: save the events there and open them. */
  | 'save_at_path'
  /** Another file is at the path, and it is not ours to change: save the events beside it. */
  | 'save_beside'
  /** No folder to write to, or not the one that will come back. */
  | 'wait'

export interface FileVerdict {
  readonly step: FileStep
  /** For people, with the path. Empty if the step is `none`. */
  readonly cause: string
  readonly remedy: string
}

const waitForService = 'Wait: the service saves its events to the path again and needs no restart.'

/**
 * Decides what to do about the files. SQLite would apply a foreign `-wal` to whatever is at the path, so such a file counts like a foreign
 * inbox file. The `-shm` file does not matter: SQLite rebuilds it.
 */
export function judgeFiles(
  { folder, file, wal, lock }: FileSituation,
  { path, saved }: { path: string; saved: string },
): FileVerdict {
  if (file === 'other' || wal === 'other') {
    const which = file === 'other' ? path : `${path}-wal`
    return {
      step: 'save_beside',
      cause: `${which} was replaced by another file while the service runs`,
      remedy: `Move ${which} away: the service then saves its events to the path again. The service saves them as ${saved} meanwhile; to use the other file instead, restart the service.`,
    }
  }
  if (file === 'missing' && folder === 'other_device') {
    return {
      step: 'wait',
      cause: `the volume of ${path} was unmounted while the service runs`,
      remedy:
        'Mount the volume again: the service then goes on with its file. To use the folder without the volume, restart the service.',
    }
  }
  if (file === 'missing') {
    return folder === 'missing'
      ? {
          step: 'wait',
          cause: `the folder of ${path} was removed while the service runs`,
          remedy: 'Create the folder again, writable for the service: it then saves its events there.',
        }
      : {
          step: 'save_at_path',
          cause: `${path} was removed or moved while the service runs`,
          remedy: waitForService,
        }
  }
  if (wal === 'missing' || lock !== 'ours') {
    const which = wal === 'missing' ? `${path}-wal` : `${path}.lock`
    return {
      step: 'reopen',
      cause: `${which} was removed or replaced while the service runs`,
      remedy: waitForService,
    }
  }
  return { step: 'none', cause: '', remedy: '' }
}

/** Why the step of the verdict failed. */
export function describeFailure({ cause }: FileVerdict, error: unknown): { cause: string; remedy: string } {
  if (error instanceof InboxOpenError)
    return { cause: `${cause}, and could not be opened again`, remedy: `${error.message}.` }
  const code = systemCodeOf(error, 'unknown error')
  return {
    cause: `${cause}, and its events could not be saved (${code})`,
    remedy: 'Make the folder writable for the service and free disk space: the service tries again.',
  }
}
