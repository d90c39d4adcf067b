import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type {
  Claim,
  EventHistory,
  Inbox,
  Outcome,
  OutcomeRecord,
  Settlement,
} from '../../../src/inbox/inbox.ts'
import { maxMergedWith, priorities } from '../../../src/inbox/inbox.ts'
import { openInbox } from '../../../src/inbox/open-inbox.ts'
import { type TransferOptions, transferInbox } from '../../../src/inbox/transfer/transfer.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { type Owner, temporaryFolder } from '../../helpers/folder.ts'
import type { ManualClock } from '../../simulator/harness.ts'

export const client = 'client-1'

export const newFile = async (t: Owner): Promise<string> =>
  `sqlite:${join(await temporaryFolder(t), `${randomUUID()}.db`)}`

export const open = (url: string, clock: ManualClock): Promise<Inbox> =>
  openInbox({ url, client, maxPending: 100_000, now: clock.now, monotonic: clock.now })

/** Copies with the client of the tests. */
export const copy = (from: string, to: string, options: Partial<TransferOptions> = {}) =>
  transferInbox({ from, to, client, restart: false, onProgress: () => {}, ...options })

/** The same numbers for the same seed (mulberry32). */
export function createRandom(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (end: number): number => Math.floor(next() * end),
    pick: <T>(items: readonly [T, ...T[]]): T => items[Math.floor(next() * items.length)] ?? items[0],
  }
}

type Random = ReturnType<typeof createRandom>

/** Puts a mixture of all states into an inbox, in that many rounds. The text of a detail has a NUL character and a lone surrogate. */
export async function fill(inbox: Inbox, clock: ManualClock, seed: number, rounds = 25): Promise<void> {
  const random = createRandom(seed)
  for (let round = 0; round < rounds; round += 1) {
    clock.advance(1 + random.below(5_000))
    const events = Array.from({ length: random.below(20) }, () =>
      newEvent(
        `id:${round}-${random.below(1_000)}`,
        {
          conversationId: `conversation-${random.below(6)}`,
          ...(random.below(8) > 0 && { participantId: `participant-${random.below(4)}` }),
          attributes: { text: 'Zoë \u0000 \ud800 "quoted" \\ 💙' },
        },
        random.pick(Object.values(priorities) as [0, 1, 2]),
      ),
    )
    if (events.length > 0) await inbox.append(events)
    if (random.below(5) === 0) await inbox.noteEnded([`conversation-${random.below(6)}`])
    for (const claim of await inbox.claim({ limit: random.below(8), leaseMs: 60_000 })) {
      clock.advance(random.below(3))
      await inbox.settle(claim, settlementOf(claim, clock, random))
    }
    if (random.below(6) === 0) await inbox.replay({ code: 'forbidden' })
    if (random.below(12) === 0) await inbox.expire({ acceptedBefore: clock.now() - 50_000, limit: 100 })
    if (random.below(15) === 0) await inbox.prune({ before: clock.now() - 100_000, limit: 100 })
  }
  const [dropped] = await inbox.deadLetters({ limit: 1 })
  if (dropped !== undefined) await inbox.drop({ identities: [dropped.identity] })
  await inbox.setDeliveryPause({ since: clock.now(), reason: 'a change \u0000 of rules' })
}

function settlementOf(claim: Claim, clock: ManualClock, random: Random): Settlement {
  const attempted = random.below(3) > 0 ? claim.events.map(({ sequence }) => sequence) : []
  if (random.below(4) === 0) {
    const failure = { code: 'unavailable', attempts: (claim.failure?.attempts ?? 0) + 1 }
    return { outcomes: [], attempted, retry: { dueAt: clock.now() + random.below(60_000), failure } }
  }
  const record: OutcomeRecord = {
    rules: [random.pick(['vip', 'channel', 'last queue'])],
    attributeNames: ['tier', 'channel'],
    inPatch: true,
    api: { status: 200, correlationId: `correlation-${random.below(1_000)}` },
    ...(random.below(3) === 0 && { targetId: 'participant-9' }),
  }
  const outcomes = claim.events
    .filter(() => random.below(6) > 0)
    .map(({ sequence }): Outcome => {
      const kind = random.below(10)
      if (kind < 5) return { sequence, state: 'applied', record }
      if (kind < 7)
        return { sequence, state: 'unchanged', reason: 'known_values', record: { ...record, inPatch: false } }
      if (kind < 8) return { sequence, state: 'unchanged', reason: 'no_rule_matched' }
      const code = random.pick<'forbidden' | 'rejected'>(['forbidden', 'rejected'])
      return { sequence, state: 'dead', code, detail: `as Genesys \u0000 said \ud800 ${sequence}`, record }
    })
  const [first] = claim.events
  const value = { value: `gold \u0000 ${random.below(9)}`, decidedAt: clock.now(), knownAt: clock.now() }
  const known = first && new Map([['tier \u0000', { ...value, sequence: first.sequence }]])
  return { outcomes, attempted, ...(known !== undefined && { known }) }
}

/** Everything that the port shows. It claims, so the inbox is used up. */
export async function viewOf(inbox: Inbox, clock: ManualClock) {
  const histories: EventHistory[] = []
  let before: number | undefined
  do {
    const page = await inbox.events({ limit: 150, ...(before !== undefined && { before }) })
    histories.push(...page.items)
    before = page.next
  } while (before !== undefined)
  const participants = Map.groupBy(histories, ({ event }) => `${event.conversationId}/${event.participantId}`)
  const found = await Promise.all(
    [...participants.values()].map(([history]) => inbox.event(history?.event.identity ?? '')),
  )
  const view = {
    events: histories.map((history) => shown(history, histories)),
    known: found.map((one) => [one?.history.sequence, ...[...(one?.known ?? [])].sort()]),
    deadLetters: (await inbox.deadLetters({ limit: 10_000 })).map((letter) => [
      letter.identity,
      letter.code,
      letter.diedAt,
    ]),
    deadLetterCounts: await inbox.countDeadLetters({}),
    stats: await inbox.stats(),
    pause: await inbox.deliveryPause(),
    nextDueAt: await inbox.nextDueAt(),
    repeated: await inbox.append(
      histories.map(({ event, sequence }) => ({ event, priority: sequence % 2 === 0 ? 0 : 1 })),
    ),
    ofConversation: await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (index) => {
        const { items } = await inbox.events({ conversationId: `conversation-${index}`, limit: 10_000 })
        return items.map(({ sequence }) => sequence)
      }),
    ),
  }
  const claims: unknown[] = []
  for (const waitMs of [0, 30_000, 60_000]) {
    clock.advance(waitMs)
    for (const { key, events, known, failure } of await inbox.claim({ limit: 1_000, leaseMs: 1_000_000 }))
      claims.push([key, events, [...known].sort(), failure])
  }
  return { ...view, claims }
}

/**
 * What both engines show of an event. Of a PATCH whose events were replayed in part, SQLite still shows the others, and PostgreSQL those
 * that still have its outcome. A detail has no NUL character in PostgreSQL.
 */
function shown(history: EventHistory, all: readonly EventHistory[]) {
  const others = history.mergedWith.filter((identity) => {
    const other = all.find(({ event }) => event.identity === identity)
    return other !== undefined && history.settledAt !== undefined && other.settledAt === history.settledAt
  })
  if (history.mergedWith.length >= maxMergedWith) throw new Error('the test needs smaller PATCHes')
  return { ...history, mergedWith: others.sort(), detail: history.detail?.replaceAll('\u0000', '\ufffd') }
}
