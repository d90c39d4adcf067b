import { readFileSync } from 'node:fs'

/** Envelopes of conversation events. */
export const conversationFixtures = [
  'eventbridge-customer-start-chat',
  'eventbridge-customer-end-chat',
  'eventbridge-user-start-voice',
  'eventbridge-attributes',
  'notification-customer-start-voice',
  'notification-queue-conversation',
] as const

/** Valid envelopes of other events. */
export const foreignFixtures = [
  'eventbridge-other-detail-type',
  'eventbridge-audit-user-presence',
  'notification-user-presence',
  'notification-heartbeat',
] as const

/** Reads a payload from test/fixtures. Each call returns a new object, which the test may change. */
export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
