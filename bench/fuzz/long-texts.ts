import { canonicalItem } from '../../test/helpers/events.ts'
import type { Random } from './random.ts'
import { post } from './raw-http.ts'
import type { Generate } from './request.ts'
import { kept } from './webhook-requests.ts'

/**
 * An event with one long text that no other request has. If the service keeps such texts in memory, as keys of a cache for example,
 * then a sender can fill its memory, and the check of the memory fails.
 */
export const longText: Generate = (random, number) =>
  kept('long text', post(JSON.stringify(itemWith(random, lettersOf(number).padStart(200_000, 'x')))))

function itemWith(random: Random, text: string): Record<string, unknown> {
  switch (random.int(8)) {
    case 0:
      return canonicalItem({ topic: text })
    case 1: {
      const eventBody = { id: 'conversation-1', participants: [{ id: 'p', purpose: 'customer', name: text }] }
      return { topicName: `v2.users.u.conversations.${text}`, eventBody }
    }
    case 2: // the text is only around a short topic
      return {
        topicName: `v2.detail.events.conversation.{${text}}.customer.${text.slice(-12)}`,
        eventBody: { conversationId: 'conversation-1', participantId: 'participant-1' },
      }
    case 3:
      return canonicalItem({ id: text, [random.pick(['type', 'event', 'conversationId'])]: text })
    case 4:
      return canonicalItem({ attributes: { [text]: 'a', tier: text } })
    case 5:
      return canonicalItem({ participant: { purpose: text, address: text, ani: text } })
    case 6:
      return canonicalItem({ mediaType: text, direction: text, occurredAt: text, queueId: text })
    default:
      return { specversion: '1.0', id: text, source: text, type: text, data: canonicalItem() }
  }
}

/** Topics of Genesys Cloud have letters only. */
const lettersOf = (number: number): string =>
  String(number).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
