import type { CheckResult } from './check-result.ts'
import { describeDuration } from './format-values.ts'
import type { Attempt, Exchange } from './unknown-conversation.ts'

const warnAboveMs = 30_000
/** Beyond it, the service refuses every signed request, since the signed timestamp must be within 5 minutes. */
const failAboveMs = 300_000

/** Compares the clock of this machine with the `Date` headers of Genesys Cloud. */
export function checkClock({ login, api }: Attempt): CheckResult {
  const check = 'clock'
  const exchanges = [...login, ...api]
  if (exchanges.every(({ answer }) => answer === undefined))
    return { check, result: 'skipped', finding: 'Genesys Cloud gave no answer' }
  const skews = exchanges.map(skewOf).filter((skew) => skew !== undefined)
  // The smallest counts: a stale answer of a cache makes one too large, never too small.
  const [skewMs] = skews.toSorted((one, other) => Math.abs(one) - Math.abs(other))
  if (skewMs === undefined)
    return {
      check,
      result: 'warning',
      finding: 'the answers of Genesys Cloud have no Date header, so the clock was not compared',
      remedy: 'Check that this machine synchronises its clock (NTP).',
    }
  const off = Math.abs(skewMs)
  if (off <= warnAboveMs)
    return { check, result: 'ok', finding: `within ${warnAboveMs / 1_000} s of Genesys Cloud` }
  return {
    check,
    result: off > failAboveMs ? 'failed' : 'warning',
    finding: `the clock of this machine is ${describeDuration(off)} ${skewMs > 0 ? 'ahead of' : 'behind'} Genesys Cloud`,
    remedy:
      'Synchronise the clock (NTP). With a wrong clock, the service refuses valid signatures of relays, and events without a time of their own get a wrong order.',
  }
}

/** How far this machine is ahead, in ms. The header has whole seconds, so the mean error is half a second. */
function skewOf({ sentAt, receivedAt, answer }: Exchange): number | undefined {
  const date = Date.parse(String(answer?.headers.date))
  return Number.isNaN(date) ? undefined : (sentAt + receivedAt) / 2 - (date + 500)
}
