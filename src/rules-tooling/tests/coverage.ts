import type { Compiled } from '../../rules/file/compile.ts'
import type { TestResult } from './run-tests.ts'

/** What the tests leave open, passed or not. */
export interface Coverage {
  readonly mappings: number
  /** Mappings by which no item of a test is read. */
  readonly unused: readonly string[]
  readonly rules: number
  /** Rules that no test makes match. */
  readonly unmatched: readonly string[]
  /** How many attributes the rules set, one counted for each rule that sets it. */
  readonly attributes: number
  /** Those that no test expects while this rule has the last word on them. */
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
