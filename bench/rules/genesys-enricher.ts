import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadRules } from '../../src/rules/load-rules.ts'
import type { Contender, Task } from './contender.ts'
import type { Condition, Value } from './rule.ts'

/** This service, with the rules in a file. */
export async function genesysEnricher({ rules, customers }: Task): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'genesys-enricher-rules-'))
  try {
    const file = join(folder, 'rules.yaml')
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        lookups: { customers: { file: customers.file, key: 'phone' } },
        rules: rules.map(({ name, topic, when, set }) => ({
          name,
          on: [topic],
          when: cel(when),
          set: Object.fromEntries(Object.entries(set).map(([attribute, value]) => [attribute, text(value)])),
        })),
      }),
    )
    const loaded = await loadRules(file)
    if (loaded.kind === 'invalid') throw new Error(loaded.problems.slice(0, 3).join('\n'))
    const { evaluate } = loaded.rules
    return {
      name: 'genesys-enricher',
      decide: (event) => {
        const { matched, changes } = evaluate(event)
        return { matched, attributes: changes[0]?.attributes ?? {} }
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function cel(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return `${condition.field} == ${JSON.stringify(condition.text)}`
    case 'startsWith':
      return `${condition.field}.startsWith(${JSON.stringify(condition.text)})`
    case 'column':
      return `lookup("customers", participant.address).${condition.column} == ${JSON.stringify(condition.text)}`
    case 'all':
      return condition.parts.map((part) => `(${cel(part)})`).join(' && ')
    case 'any':
      return condition.parts.map((part) => `(${cel(part)})`).join(' || ')
  }
}

const text = (value: Value): string => (typeof value === 'string' ? value : `${value.text}\${${value.field}}`)
