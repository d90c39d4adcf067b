import type { CallFailure } from '../genesys/notifications.ts'
import type { NotificationsStatus, Problem, TroubleCode } from './status.ts'
import type { LineState } from './subscription.ts'

export interface Circumstances {
  readonly lines: readonly LineState[]
  /** How many channels there are to be. */
  readonly channels: number
  /** Why queues are not found yet. */
  readonly lookupFailure: CallFailure | undefined
  /** Why the sockets are closed on purpose. */
  readonly overflow: TroubleCode | undefined
  readonly problems: readonly Problem[]
}

/** The first thing to mend, if not everything is heard. Holds no words of Genesys Cloud's: anybody may read it. Pure. */
export function troubleOf({
  lines,
  channels,
  lookupFailure,
  overflow,
  problems,
}: Circumstances): NotificationsStatus['trouble'] {
  if (overflow !== undefined) return { code: overflow, cause: 'too many messages are buffered' }
  if (lookupFailure !== undefined) return { code: codeOf(lookupFailure.why), cause: lookupFailure.why }
  const failures = lines.flatMap(({ failure }) => failure ?? [])
  const failure = failures.find(({ why }) => why === 'credentials_refused') ?? failures[0]
  if (failure !== undefined)
    return { code: codeOf(failure.why), cause: failure.why === 'socket' ? failure.cause : failure.why }
  const connected = lines.filter((line) => line.connected).length
  if (connected < channels) return { code: 'notifications_down', cause: 'connecting' }
  const problem = problems[0]
  return problem && { code: problem.code, cause: problem.subject }
}

export const codeOf = (why: CallFailure['why'] | 'socket'): TroubleCode =>
  why === 'credentials_refused' ? why : 'notifications_down'
