import { progressOf } from '../src/cli/progress.ts'
import type { Inbox } from '../src/inbox/inbox.ts'
import { createAuthentication } from '../src/ingest/authenticate/authenticate.ts'
import { readBody } from '../src/ingest/body.ts'
import { classifyItems } from '../src/ingest/classify-items.ts'
import { readEnvelope } from '../src/ingest/envelopes/envelopes.ts'
import { createIntake } from '../src/ingest/intake.ts'
import { createTotals } from '../src/metrics/totals.ts'
import { rulesOf } from '../test/helpers/rules.ts'
import {
  customerStart,
  environment,
  knownCustomer,
  rules as rulesText,
  signedRequest,
} from './ingest/requests.ts'

// Cost per event on the main thread between the HTTP server and the inbox, by step. The baseline is the minimum work:
// parse a body and serialise it.

/** Many short rounds: the best one had no competing load. */
const rounds = 100
const eventsPerRound = 1_000

const rules = rulesOf(rulesText)
const secrets = environment.WEBHOOK_SECRETS.split(',')
const authentication = createAuthentication({ auth: 'required', secrets, tokens: [] })
const now = Date.now()

const accept = createIntake({
  inbox: {
    append: async (events) => ({ kind: 'appended', results: events.map(() => 'accepted') }),
    noteEnded: async () => {},
  } satisfies Partial<Inbox> as unknown as Inbox,
  rules: () => rules,
  totals: createTotals(),
})

type Request = ReturnType<typeof received>
type Step = (request: Request) => unknown

const parse = ({ rawBody, headers }: Request) => readBody(rawBody, headers, 500).items

/** Each step includes the previous ones. */
const steps: Readonly<Record<string, Step>> = {
  parse,
  read: (request) => parse(request).map((item) => readEnvelope(item)),
  identify: (request) => classifyItems(parse(request), { rules, webhookId: undefined }),
  append: (request) => accept(parse(request)),
}
const separate: Readonly<Record<string, Step>> = {
  'baseline: JSON.parse, JSON.stringify': ({ rawBody }) => JSON.stringify(JSON.parse(rawBody.toString())),
  authenticate: (request) => authentication.verify(request, now),
}

function received(request: Buffer) {
  const [head = ''] = request.toString('latin1').split('\r\n\r\n', 1)
  const lines = head.split('\r\n').slice(1)
  const headers: Record<string, string> = Object.fromEntries(lines.map((line) => line.split(': ', 2)))
  return { headers, rawBody: request.subarray(head.length + 4) }
}

const progress = progressOf('rounds')

/** Best time of each step over all rounds, in microseconds. Each round runs all steps. */
async function measure(steps: readonly Step[], requests: readonly Request[]): Promise<readonly number[]> {
  const best = steps.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, step] of steps.entries())
      best[index] = Math.min(best[index] ?? 0, await time(step, requests))
    progress.update(round + 1, rounds)
  }
  progress.clear()
  return best
}

async function time(step: Step, requests: readonly Request[]): Promise<number> {
  const startedAt = performance.now()
  for (const request of requests) {
    const result = step(request)
    if (result instanceof Promise) await result
  }
  return (performance.now() - startedAt) * 1_000
}

const scenarios = [
  { title: 'EventBridge customer.start', make: customerStart, batch: 1 },
  { title: 'canonical event', make: knownCustomer, batch: 1 },
  { title: 'EventBridge customer.start, 100 per request', make: customerStart, batch: 100 },
  { title: 'canonical events, 100 per request', make: knownCustomer, batch: 100 },
]

for (const { title, make, batch } of scenarios) {
  // Requests differ, as in production: caches speed up identical ones.
  const requests = Array.from({ length: eventsPerRound / batch }, () =>
    received(signedRequest(batch === 1 ? make() : Array.from({ length: batch }, make))),
  )
  const times = await measure([...Object.values(separate), ...Object.values(steps)], requests)
  const each = times.map((time) => time / eventsPerRound)
  const separateCount = Object.keys(separate).length
  console.log(`\n${title}: µs per event`)
  for (const [index, name] of [...Object.keys(separate), ...Object.keys(steps)].entries()) {
    const before = index > separateCount ? (each[index - 1] ?? 0) : 0
    console.log(`  ${name.padEnd(40)} ${((each[index] ?? 0) - before).toFixed(2).padStart(6)}`)
  }
  console.log(
    `  ${'authenticate and all steps'.padEnd(40)} ${((each[1] ?? 0) + (each.at(-1) ?? 0)).toFixed(2).padStart(6)}`,
  )
}
