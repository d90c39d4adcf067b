import jsonata from 'jsonata'
import { type Contender, outcomeOf, type Task } from './contender.ts'
import type { BenchRule, Condition, Value } from './rule.ts'

/** One compiled expression per rule; selects rules by topic outside of JSONata. */
export function jsonataByTopic({ rules, customers }: Task): Contender {
  const compiled = rules.map((rule) => {
    const expression = jsonata(source(rule))
    expression.registerFunction('customer', (address?: string) => customers.get(address ?? ''))
    return { name: rule.name, topic: rule.topic, expression }
  })
  const byTopic = Map.groupBy(compiled, ({ topic }) => topic)
  return {
    name: 'JSONata, rules of the topic',
    decide: async (event) => {
      const input = { event, participant: event.participant }
      const matches: { name: string; values: Record<string, string> }[] = []
      for (const { name, expression } of byTopic.get(event.topic ?? '') ?? []) {
        const values: Record<string, string> | undefined = await expression.evaluate(input)
        if (values !== undefined) matches.push({ name, values })
      }
      return outcomeOf(matches)
    },
  }
}

/** An expression with the attributes as result, or undefined if the rule does not match. */
function source({ when, set }: BenchRule): string {
  const pairs = Object.entries(set).map(([attribute, value]) => `${quoted(attribute)}: ${text(value)}`)
  return `${condition(when)} ? {${pairs.join(', ')}}`
}

function condition(of: Condition): string {
  switch (of.kind) {
    case 'equals':
      return `${of.field} = ${quoted(of.text)}`
    case 'startsWith':
      return `$substring(${of.field}, 0, ${of.text.length}) = ${quoted(of.text)}`
    case 'column':
      return `$customer(participant.address).${of.column} = ${quoted(of.text)}`
    case 'all':
      return of.parts.map((part) => `(${condition(part)})`).join(' and ')
    case 'any':
      return of.parts.map((part) => `(${condition(part)})`).join(' or ')
  }
}

const text = (value: Value): string =>
  typeof value === 'string' ? quoted(value) : `${quoted(value.text)} & ${value.field}`

const quoted = (text: string): string => JSON.stringify(text)
