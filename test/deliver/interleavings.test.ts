import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type AttemptDeps, attempt } from '../../src/deliver/attempt.ts'
import type { Answer } from '../../src/genesys/classify.ts'
import { type Inbox, priorities } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { conversationEvent } from '../helpers/conversation-events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { rounds } from '../helpers/rounds.ts'
import { decided, settingRules } from '../helpers/rules.ts'

/** An event that changes one attribute of one participant; a duplicate has the same `id`. */
const change = fc.record({
  id: fc.integer({ min: 0, max: 15 }),
  late: fc.integer({ min: 0, max: 20 }),
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('arrives' as const), change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('delivery' as const),
      answer: fc.constantFrom(
        'ok' as const,
        '503' as const,
        'reset after it was applied' as const,
        '429' as const,
      ),
      meanwhile: fc.array(change, { maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: fc.constantFrom('between' as const, 'before the call' as const, 'after the call' as const),
    }),
  },
)

const answers: Readonly<Record<string, Answer>> = {
  ok: { kind: 'ok', rate: 'none' },
  '503': { kind: 'unavailable', detail: '503', cause: '503' },
  'reset after it was applied': { kind: 'unavailable', detail: 'ECONNRESET', cause: 'ECONNRESET' },
  '429': { kind: 'rate_limited', retryAfterMs: 0 },
}

const runsPerFile = 20

class Crash extends Error {}

/** Sets the event's value on the participant in its `userId`, mostly not its own participant. */
const settingElsewhere: RuleSet = {
  ...settingRules,
  evaluate: ({ userId, attributes = {} }) => decided({ participantId: userId ?? '' }, attributes),
}

test('each attribute ends with its latest value after any interleaving of events, duplicates, failures and crashes', async (t) =>
  interleave(t, settingRules, (id) => id % 2))

test('each attribute of other participants ends with its latest value after any interleaving', async (t) =>
  interleave(t, settingElsewhere, (id) => (id >> 1) % 3))

async function interleave(t: TestContext, rules: RuleSet, targetOf: (id: number) => number): Promise<void> {
  const folder = await temporaryFolder(t)
  let runs = 0
  let now = 1_000_000
  let file = join(folder, '0.db')
  const open = () => openSqliteInbox({ file, maxPending: 1_000, now: () => now })
  // Runs share an inbox, each with a conversation of its own, because creating a file takes longer than a run. Not all runs do,
  // because opening a file again takes longer the more events it has.
  let inbox: Inbox = open()
  t.after(() => inbox.close())
  const openNewFile = async () => {
    await inbox.close()
    file = join(folder, `${runs}.db`)
    inbox = open()
  }
  await fc.assert(
    fc
      .asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        runs += 1
        const run = runs
        if (run % runsPerFile === 0) await openNewFile()
        /** The values in Genesys Cloud, by participant and attribute. */
        const held = new Map<string, string>()
        /** The expected final values: latest event time; with equal times, the event accepted last. */
        const model = new Map<string, { value: string; at: number }>()
        const seen = new Set<number>()

        async function arrive({ id, late }: { id: number; late: number }): Promise<void> {
          const name = `p${targetOf(id)}/a${id % 3}`
          const event = {
            ...conversationEvent(`${run}-e${id}`),
            conversationId: `c${run}`,
            participantId: `p${id % 2}`,
            userId: `p${targetOf(id)}`,
            occurredAt: now - late,
            attributes: { [`a${id % 3}`]: `${id}` },
          }
          await inbox.append([{ event, priority: priorities.normal }])
          if (seen.has(id)) return
          seen.add(id)
          const latest = model.get(name)
          if (latest === undefined || event.occurredAt >= latest.at)
            model.set(name, { value: `${id}`, at: event.occurredAt })
        }

        async function deliver(call: AttemptDeps['patchAttributes']): Promise<boolean> {
          now += 60_000 // whatever waited for a retry is due
          const [claim] = await inbox.claim({ limit: 1, leaseMs: 10 })
          if (claim === undefined) return false
          const result = await attempt(claim, {
            inbox,
            rules: () => rules,
            conversations: { participantsSince: () => undefined, read: async () => ({ kind: 'ok' }) },
            leaseMs: 10,
            patchAttributes: call,
            settle: async (settled, settlement) => (await inbox.settle(settled, settlement)) === 'settled',
            report: () => undefined,
            eventMaxAgeMs: 1e12,
            now: () => now,
            random: () => 0,
          })
          await result.settled
          return true
        }
        const apply = (participantId: string, attributes: Readonly<Record<string, string>>): void => {
          for (const [name, value] of Object.entries(attributes)) held.set(`${participantId}/${name}`, value)
        }
        const reopen = async () => {
          await inbox.close()
          inbox = open()
        }

        for (const action of steps) {
          now += 5
          if (action.kind === 'arrives') await arrive(action.change)
          else if (action.kind === 'delivery') {
            await deliver(async ({ participantId }, attributes) => {
              for (const late of action.meanwhile) await arrive(late)
              if (action.answer === 'ok' || action.answer.startsWith('reset'))
                apply(participantId, attributes)
              return answers[action.answer] ?? { kind: 'ok', rate: 'none' }
            })
          } else {
            const crashed = deliver(async ({ participantId }, attributes) => {
              if (action.at === 'after the call') apply(participantId, attributes)
              throw new Crash()
            })
            if (action.at !== 'between')
              await crashed.catch((error: unknown) => assert.ok(error instanceof Crash))
            else await crashed.catch(() => undefined)
            await reopen()
          }
        }
        const ok: AttemptDeps['patchAttributes'] = async ({ participantId }, attributes) => {
          apply(participantId, attributes)
          return { kind: 'ok', rate: 'none' }
        }
        for (let quiet = 0; quiet < 3; quiet += 1) while (await deliver(ok));
        const { pending, dead } = await inbox.stats()
        assert.deepEqual([pending, dead], [0, 0])
        assert.deepEqual(
          Object.fromEntries([...held].sort()),
          Object.fromEntries([...model].map(([name, { value }]) => [name, value]).sort()),
        )
      })
      .afterEach(async () => {
        const { pending } = await inbox.stats()
        if (pending > 0) await openNewFile() // a failed run left events
      }),
    { numRuns: rounds(300) },
  )
}
