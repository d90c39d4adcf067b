import type { InboxOptions } from '../inbox/inbox.ts'
import type { Logger } from './logger.ts'

/** Logs what happens to the files or the server of the inbox. */
export function logInboxNotices(
  logger: Logger,
): Required<Pick<InboxOptions, 'onFileNotice' | 'onServerNotice'>> {
  const log = ({ level, message, ...fields }: { level: 'info' | 'warn' | 'error'; message: string }) =>
    logger[level]({ ...(level !== 'info' && { code: 'store_unavailable' }), ...fields }, message)
  return { onFileNotice: log, onServerNotice: log }
}
