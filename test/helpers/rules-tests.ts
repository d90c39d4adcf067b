import { readEvents } from '../../src/cli/rules/read-events.ts'
import type { LoadedRules } from '../../src/rules/load-rules.ts'
import { runTests, type TestResult } from '../../src/rules-tooling/tests/run-tests.ts'
import { testsOf } from '../../src/rules-tooling/tests/tests-document.ts'

/** Runs the tests of a rules file. */
export const runTestsOf = (loaded: LoadedRules): readonly TestResult[] =>
  runTests({
    loaded,
    tests: testsOf(loaded.document, 'rules.yaml'),
    readEvents,
  })

/** One line per failed test, for assertion messages. */
export const failuresIn = (results: readonly TestResult[]): readonly string[] =>
  results
    .filter(({ passed }) => !passed)
    .map(({ test, problems, differences }) =>
      [test.definition.name, ...problems, JSON.stringify(differences)].join(' | '),
    )
