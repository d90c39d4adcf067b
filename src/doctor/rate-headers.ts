import type { CheckResult } from './check-result.ts'
import type { Settings } from './settings.ts'
import type { Attempt } from './unknown-conversation.ts'

/** A warning if a smaller share of the window is left: this command made one or two of the calls. */
const lowShare = 0.1

/** Whether the API reports its rate window, and whether calls are left in it. `assumed`: without its headers. */
export function checkRateHeaders({ answer: { rate } }: Attempt, assumed: Settings['rate']): CheckResult {
  const check = 'rate-headers'
  if (rate === undefined) return { check, result: 'skipped', finding: 'the API gave no answer' }
  if (rate === 'none')
    return {
      check,
      result: 'warning',
      finding: `the answer has no inin-ratelimit headers${assumed === undefined ? '' : `: the service then assumes ${assumed.rateLimit} calls per ${assumed.rateWindowMs} ms (RATE_LIMIT, RATE_WINDOW_MS)`}`,
      remedy:
        'If a proxy removes the headers, let it pass them. Otherwise set RATE_LIMIT to what the API allows.',
    }
  const { count, allowed, resetMs } = rate
  const finding = `${count} of ${allowed} calls used with the token of this command, the window resets in ${resetMs / 1_000} s`
  if (allowed - count >= allowed * lowShare) return { check, result: 'ok', finding }
  return {
    check,
    result: 'warning',
    finding,
    remedy: 'Another program spends the calls of this OAuth client: give the service a client of its own.',
  }
}
