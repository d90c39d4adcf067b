import type { ConversationEvent } from '../../src/event.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify, sha256 } from '../../src/ingest/identity.ts'
import { fixture } from '../../test/helpers/fixtures.ts'
import { accounts, directions, hotlines, languages, media, phones, queues, tiers, users } from './values.ts'

type Json = Record<string, unknown>

/** EventBridge events, in turn: the start of a customer, attributes, the start of an agent. */
export const createEvents = (count: number): readonly ConversationEvent[] =>
  Array.from({ length: count }, (_, n) => {
    const round = Math.floor(n / kinds.length)
    return read((kinds[n % kinds.length] ?? customerStart)(round), round)
  })

const customerStart = (n: number): Json => {
  const call = media(n) === 'voice' && {
    ani: phones(n),
    dnis: hotlines(n),
    addressFrom: phones(n),
    addressTo: hotlines(n),
  }
  return changed('eventbridge-customer-start-chat', n, {
    mediaType: media(n),
    direction: directions(n),
    ...call,
  })
}

/** Not every event has every attribute. */
const attributes = (n: number): Json =>
  changed('eventbridge-attributes', n, {
    attributes: {
      ...(n % 5 > 0 && { support_tier: tiers(n) }),
      ...(n % 4 > 0 && { language: languages(n) }),
      ...(n % 3 > 0 && { account: accounts(n) }),
      ...(n % 7 === 0 && { vip_status: 'true' }),
      'Case Number': String(n),
    },
  })

const userStart = (n: number): Json =>
  changed('eventbridge-user-start-voice', n, {
    mediaType: media(n),
    direction: directions(n),
    ani: phones(n),
    dnis: hotlines(n),
    userId: users(n),
    queueId: queues(n),
  })

const kinds = [customerStart, attributes, userStart]

function changed(name: string, n: number, changes: Json): Json {
  const item = fixture(name)
  const detail = item.detail as Json
  const body = detail.eventBody as Json
  const conversationId = `${n % 2 === 0 ? '6' : '2'}f7bf00a-0fc2-4d6a-9b56-${String(n).padStart(12, '0')}`
  return {
    ...item,
    id: `event-${n}`,
    detail: { ...detail, eventBody: { ...body, conversationId, ...changes } },
  }
}

function read(item: Json, index: number): ConversationEvent {
  const result = readEnvelope(item)
  const draft = result.kind === 'events' ? result.drafts[0] : undefined
  if (draft === undefined) throw new Error(`no event: ${JSON.stringify(result)}`)
  return identify(draft, { webhookId: undefined, index, bodyHash: () => sha256(item) })
}
