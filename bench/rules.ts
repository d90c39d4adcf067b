import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { progressOf } from '../src/cli/progress.ts'
import type { ConversationEvent } from '../src/event.ts'
import type { Contender, Task } from './rules/contender.ts'
import { writeCustomers } from './rules/customers.ts'
import { createEvents } from './rules/events.ts'
import { genesysEnricher } from './rules/genesys-enricher.ts'
import { jsonRulesEngine, jsonRulesEnginePerTopic } from './rules/json-rules-engine.ts'
import { jsonataByTopic } from './rules/jsonata.ts'
import { manyRules } from './rules/many-rules.ts'
import { agreedOutcomes, measure } from './rules/measure.ts'
import { all, type BenchRule, column, equals, startsWith } from './rules/rule.ts'

// Compares the processor time to evaluate one event: this service, json-rules-engine and JSONata.

interface Scenario {
  readonly title: string
  readonly rules: readonly BenchRule[]
  readonly events: readonly ConversationEvent[]
  readonly contenders: readonly ((task: Task) => Contender | Promise<Contender>)[]
}

const rules = manyRules(1_000)
const events = createEvents(240)
const starts = createEvents(720).filter(({ topic }) => topic === 'customer.start')
const customer = equals('participant.purpose', 'customer')

const scenarios: readonly Scenario[] = [
  {
    title: '1,000 rules, 10 of them for the topic of an event',
    rules,
    events,
    contenders: [genesysEnricher, jsonRulesEngine, jsonRulesEnginePerTopic, jsonataByTopic],
  },
  {
    title: '1 rule',
    rules: [
      {
        name: 'only',
        topic: 'customer.start',
        when: all(customer, startsWith('participant.address', 'tel:+1317')),
        set: { region: 'indianapolis' },
      },
    ],
    events: starts,
    contenders: [genesysEnricher, jsonRulesEnginePerTopic, jsonataByTopic],
  },
  {
    title: '1 rule with a lookup in a file of 10,000 rows',
    rules: [
      {
        name: 'only',
        topic: 'customer.start',
        when: all(customer, column('tier', 'platinum')),
        set: { support_tier: 'platinum' },
      },
    ],
    events: starts,
    contenders: [genesysEnricher, jsonRulesEnginePerTopic, jsonataByTopic],
  },
]

/** For the first scenario. */
const targets = { maxUs: 25, minRatio: 5 }

async function run(
  { title, rules, events, contenders: factories }: Scenario,
  customers: Task['customers'],
): Promise<readonly number[]> {
  const contenders: Contender[] = []
  for (const create of factories) contenders.push(await create({ rules, customers }))
  const outcomes = await agreedOutcomes(contenders, events)
  const matches = outcomes.reduce((sum, { matched }) => sum + matched.length, 0)
  process.stdout.write(
    `${title}: ${events.length} events with ${(matches / events.length).toFixed(1)} matches on average, same decisions by all\n`,
  )
  const progress = progressOf('measurements done')
  const times = await measure(contenders, events, progress.update).finally(progress.clear)
  const [own = Number.NaN] = times
  for (const [index, us] of times.entries())
    process.stdout.write(
      `  ${(contenders[index]?.name ?? '').padEnd(34)}${us.toFixed(1).padStart(9)} µs an event${(us / own).toFixed(1).padStart(9)} ×\n`,
    )
  process.stdout.write('\n')
  return times
}

const verdict = (reached: boolean): string => (reached ? 'reached' : 'MISSED')

const folder = mkdtempSync(join(tmpdir(), 'genesys-enricher-rules-'))
try {
  const customers = await writeCustomers(join(folder, 'customers.csv'), 10_000)
  const results: (readonly number[])[] = []
  for (const scenario of scenarios) results.push(await run(scenario, customers))
  const [[own = Number.NaN, , enginePerTopic = Number.NaN] = []] = results
  process.stdout.write(
    `targets for ${rules.length} rules: at most ${targets.maxUs} µs an event: ${verdict(own <= targets.maxUs)}; ` +
      `json-rules-engine, one engine per topic, takes at least ${targets.minRatio} × as long: ${verdict(enginePerTopic >= targets.minRatio * own)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
