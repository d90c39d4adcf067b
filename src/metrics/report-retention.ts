import type { Logger } from '../log/logger.ts'
import { count, type Details } from './totals.ts'

/** Counts and logs what the retention does. */
export const reportRetention = (details: Pick<Details, 'dead'>, logger: Logger) => ({
  onExpired: (expired: number): void => {
    count(details.dead, 'expired', expired)
    logger.error({ code: 'expired', count: expired }, 'events not delivered in time, now dead letters')
  },
  onFailure: (error: unknown): void =>
    logger.error({ code: 'store_unavailable', err: error }, 'retention run failed'),
})
