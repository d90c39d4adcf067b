import type { Timing } from './timing.ts'

export interface Silence {
  /** When something was heard last, when a ping was sent last (undefined: never), and now: ms of one clock. */
  readonly heardAt: number
  readonly pingedAt: number | undefined
  readonly now: number
  readonly timing: Pick<Timing, 'pingAfterMs' | 'deadAfterMs'>
}

export type SilenceVerdict =
  /** All is well, or the answer to a ping is waited for: look again in so many ms. */
  { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'ping' } | { readonly kind: 'dead' }

/** What to make of a socket that says nothing. Pure. */
export function judgeSilence({ heardAt, pingedAt, now, timing }: Silence): SilenceVerdict {
  const deadAt = heardAt + timing.deadAfterMs
  if (now >= deadAt) return { kind: 'dead' }
  if (pingedAt !== undefined && pingedAt >= heardAt) return { kind: 'wait', ms: deadAt - now }
  const pingAt = heardAt + timing.pingAfterMs
  return now >= pingAt ? { kind: 'ping' } : { kind: 'wait', ms: pingAt - now }
}
