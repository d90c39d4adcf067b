import type { Coverage } from '../../enrich/rules-tests/coverage.ts'
import type { TestResult } from '../../enrich/rules-tests/rules-tests.ts'
import type { RulesThatSet } from './test-failure.ts'
import type { LocatedTest } from './tests-files.ts'
import { count, quoted } from './words.ts'

/** What a run of tests has shown. */
export interface TestReport {
  readonly results: readonly TestResult<LocatedTest>[]
  readonly coverage: Coverage | undefined
  readonly rulesThatSet: RulesThatSet
}

/** `file:line:column` of a test. */
export function placeOf({ file, document, path }: LocatedTest): string {
  const { line, column } = document.problem([...path, 'name'], '')
  return `${file}:${line}:${column}`
}

export function summaryInWords(results: readonly TestResult[]): string {
  const failed = results.filter(({ passed }) => !passed).length
  return failed === 0
    ? `${count(results.length, 'test')} passed.`
    : `${failed} of ${count(results.length, 'test')} failed.`
}

export function coverageInWords(coverage: Coverage): readonly string[] {
  const { mappings, unused, rules, unmatched, attributes, unasserted } = coverage
  const mapped = mappings === 0 ? '' : `${mappings - unused.length} of ${count(mappings, 'mapping')} used, `
  const asserted = attributes - unasserted.length
  return [
    `Coverage: ${mapped}${rules - unmatched.length} of ${count(rules, 'rule')} matched, ${asserted} of ${count(attributes, 'attribute')} expected by a test.`,
    ...unused.map((mapping) => `mapping ${quoted(mapping)} is used by no test`),
    ...unmatched.map((rule) => `rule ${quoted(rule)} is matched by no test`),
    ...unasserted
      .filter(({ rule }) => !unmatched.includes(rule))
      .map(({ rule, attribute }) => `${attribute} as rule ${quoted(rule)} sets it is expected by no test`),
  ]
}
