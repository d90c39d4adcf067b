import type { Coverage } from '../../rules-tooling/tests/coverage.ts'
import type { TestResult } from '../../rules-tooling/tests/run-tests.ts'
import { count, quoted } from './format.ts'
import type { RulesThatSet } from './format-test-failure.ts'
import type { LocatedTest } from './test-files.ts'

export interface TestReport {
  readonly results: readonly TestResult<LocatedTest>[]
  readonly coverage: Coverage | undefined
  readonly rulesThatSet: RulesThatSet
}

/** `file:line:column` of a test. */
export function locationOf({ file, document, path }: LocatedTest): string {
  const { line, column } = document.problem([...path, 'name'], '')
  return `${file}:${line}:${column}`
}

export function formatSummary(results: readonly TestResult[]): string {
  const failed = results.filter(({ passed }) => !passed).length
  return failed === 0
    ? `${count(results.length, 'test')} passed.`
    : `${failed} of ${count(results.length, 'test')} failed.`
}

export function formatCoverage(coverage: Coverage): readonly string[] {
  const { mappings, unused, rules, unmatched, attributes, unasserted } = coverage
  const mapped = mappings === 0 ? '' : `${mappings - unused.length} of ${count(mappings, 'mapping')} used, `
  const asserted = attributes - unasserted.length
  return [
    `Coverage: ${mapped}${rules - unmatched.length} of ${count(rules, 'rule')} matched, ${asserted} of ${count(attributes, 'attribute')} expected by a test.`,
    ...unused.map((mapping) => `mapping ${quoted(mapping)}: used by no test`),
    ...unmatched.map((rule) => `rule ${quoted(rule)}: matched by no test`),
    ...unasserted
      .filter(({ rule }) => !unmatched.includes(rule))
      .map(({ rule, attribute }) => `rule ${quoted(rule)}, attribute ${attribute}: expected by no test`),
  ]
}
