import type { Logger } from '../log/logger.ts'
import { count, type Details } from './totals.ts'

/** Counts and logs what a run of the retention did. */
export const reportRetention = ({ details, log }: { readonly details: Details; readonly log: Logger }) => ({
  onExpired: (expired: number): void => {
    count(details.dead, 'expired', expired)
    log.error({ code: 'expired', count: expired }, 'events not delivered in time, now dead letters')
  },
  onFailure: (error: unknown): void =>
    log.error({ code: 'store_unavailable', err: error }, 'retention run failed'),
})
