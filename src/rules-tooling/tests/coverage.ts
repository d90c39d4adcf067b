import type { Compiled } from '../../rules/file/compile.ts'
import type { TestResult } from './run-tests.ts'

/** The parts of a rules file that no test covers. Failed tests count too. */
export interface Coverage {
  readonly mappings: number
  /** Mappings that read no item of a test. */
  readonly unused: readonly string[]
  readonly rules: number
  /** Rules that match in no test. */
  readonly unmatched: readonly string[]
  /** The number of attributes over all rules; an attribute counts once per rule that sets it. */
  readonly attributes: number
  /** Attributes that no test expects with the value of this rule. */
  readonly unasserted: readonly { readonly rule: string; readonly attribute: string }[]
}

export function coverageOf(
  { mappings, rules }: Pick<Compiled, 'mappings' | 'rules'>,
  results: readonly TestResult[],
): Coverage {
  const used = new Set(results.map(({ mapping }) => mapping))
  const matched = new Set<string>()
  const asserted = new Set<string>()
  for (const { test, traces } of results) {
    const expected = new Set(
      Object.entries(test.definition.expect ?? {}).flatMap(([name, value]) =>
        typeof value === 'object' ? Object.keys(value) : [name],
      ),
    )
    for (const { trace } of traces) {
      for (const { rule, result } of trace.rules) if (result === 'matched') matched.add(rule)
      for (const { rule, attribute } of trace.attributes)
        if (expected.has(attribute)) asserted.add(keyOf(rule, attribute))
    }
  }
  const all = rules.flatMap(({ name, set }) => set.map(({ attribute }) => ({ rule: name, attribute })))
  return {
    mappings: mappings.length,
    unused: mappings.map(({ name }) => name).filter((name) => !used.has(name)),
    rules: rules.length,
    unmatched: rules.filter(({ name }) => !matched.has(name)).map(({ name }) => name),
    attributes: all.length,
    unasserted: all.filter(({ rule, attribute }) => !asserted.has(keyOf(rule, attribute))),
  }
}

const keyOf = (rule: string, attribute: string): string => JSON.stringify([rule, attribute])
