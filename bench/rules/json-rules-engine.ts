import { type AlmanacOptions, Engine, type TopLevelCondition } from 'json-rules-engine'
import type { ConversationEvent } from '../../src/event.ts'
import { type Contender, outcomeOf, type Task } from './contender.ts'
import { type BenchRule, type Condition, splitPath, type Value } from './rule.ts'

type Nested = Extract<TopLevelCondition, { all: unknown }>['all'][number]

/** Selects rules by topic with a condition in each rule, which the engine evaluates first. */
export const jsonRulesEngine = (task: Task): Contender =>
  contender('json-rules-engine', task, ({ topic, when }) => ({
    all: [
      { fact: 'event', path: 'topic', operator: 'equal', value: topic, priority: 10 },
      ...(when.kind === 'all' ? when.parts : [when]).map(condition),
    ],
  }))

/** Selects rules by topic outside the engine: one engine per topic. */
export function jsonRulesEnginePerTopic(task: Task): Contender {
  const byTopic = [...Map.groupBy(task.rules, ({ topic }) => topic)]
  const engines = new Map(
    byTopic.map(([topic, rules]) => [
      topic,
      contender('', { ...task, rules }, ({ when }) =>
        isGroup(when) ? group(when) : { all: [condition(when)] },
      ),
    ]),
  )
  return {
    name: 'json-rules-engine, one per topic',
    decide: (event) => engines.get(event.topic ?? '')?.decide(event) ?? outcomeOf([]),
  }
}

const options: AlmanacOptions = {
  allowUndefinedFacts: true,
  // JSONPath, the default, is slower.
  pathResolver: (object, path) => fieldOf(object, path),
}

function contender(
  name: string,
  { rules, customers }: Task,
  conditionsOf: (rule: BenchRule) => TopLevelCondition,
): Contender {
  const engine = new Engine([], options)
  engine.addOperator<string | undefined, string>(
    'startsWith',
    (text, start) => text?.startsWith(start) ?? false,
  )
  engine.addFact('customer', async (_, almanac) =>
    customers.get((await almanac.factValue<string | undefined>('participant', {}, 'address')) ?? ''),
  )
  const numbers = new Map(rules.map(({ name }, index) => [name, index]))
  for (const rule of rules)
    engine.addRule({ name: rule.name, conditions: conditionsOf(rule), event: { type: 'matched' } })
  return {
    name,
    decide: async (event) => {
      const facts = factsOf(event)
      const { results } = await engine.run(facts)
      // `results` are in the order of evaluation.
      const inOrder = results.map(({ name }) => numbers.get(name) ?? 0).sort((one, other) => one - other)
      const matches = inOrder.flatMap((index) => rules[index] ?? [])
      return outcomeOf(matches.map(({ name, set }) => ({ name, values: valuesOf(set, facts) })))
    },
  }
}

const factsOf = (event: ConversationEvent) => ({
  event,
  participant: event.participant,
  'participant.attributes': event.participant.attributes,
})

type Group = Extract<Condition, { kind: 'all' | 'any' }>

const isGroup = (of: Condition): of is Group => of.kind === 'all' || of.kind === 'any'

const group = ({ kind, parts }: Group): TopLevelCondition =>
  kind === 'all' ? { all: parts.map(condition) } : { any: parts.map(condition) }

function condition(of: Condition): Nested {
  if (isGroup(of)) return group(of)
  if (of.kind === 'column') return { fact: 'customer', path: of.column, operator: 'equal', value: of.text }
  const [fact, path] = splitPath(of.field)
  return { fact, path, operator: of.kind === 'equals' ? 'equal' : 'startsWith', value: of.text }
}

type Facts = Readonly<Record<string, object | undefined>>

const valuesOf = (set: BenchRule['set'], facts: Facts): Record<string, string> =>
  Object.fromEntries(Object.entries(set).map(([attribute, value]) => [attribute, render(value, facts)]))

function render(value: Value, facts: Facts): string {
  if (typeof value === 'string') return value
  const [fact, path] = splitPath(value.field)
  return `${value.text}${fieldOf(facts[fact] ?? {}, path)}`
}

const fieldOf = (object: object, name: string): unknown => (object as Readonly<Record<string, unknown>>)[name]
