import { readFileSync } from 'node:fs'

/** Envelopes that carry events of a conversation. */
export const conversationFixtures = [
  'eventbridge-customer-start-chat',
  'eventbridge-customer-end-chat',
  'eventbridge-user-start-voice',
  'eventbridge-attributes',
  'notification-customer-start-voice',
  'notification-queue-conversation',
] as const

/** Valid envelopes of other things. */
export const foreignFixtures = [
  'eventbridge-other-detail-type',
  'eventbridge-audit-user-presence',
  'notification-user-presence',
  'notification-heartbeat',
] as const

/** A payload of test/fixtures, read anew, so that a test may change it. */
export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
