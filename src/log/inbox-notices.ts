import type { Log } from './log.ts'

interface Notice {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
}

/** Logs what happened to the files or the server of the running inbox. While they are lost, events are refused with the code. */
export function logInboxNotices(log: Log<Notice['level']>) {
  const notice = ({ level, message, ...fields }: Notice): void =>
    log[level]({ ...(level !== 'info' && { code: 'store_unavailable' }), ...fields }, message)
  return { onFileNotice: notice, onServerNotice: notice }
}
