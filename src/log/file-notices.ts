import type { Log } from './log.ts'

interface FileNotice {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
}

/** Logs what happened to the files of the running inbox. While they are lost, events are refused with the code. */
export const logFileNotices =
  (log: Log<FileNotice['level']>) =>
  ({ level, message, ...fields }: FileNotice): void =>
    log[level]({ ...(level !== 'info' && { code: 'store_unavailable' }), ...fields }, message)
