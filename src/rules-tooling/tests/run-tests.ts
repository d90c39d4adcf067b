import type { ConversationEvent } from '../../event.ts'
import { readParticipants } from '../../genesys/participants.ts'
import type { LoadedRules } from '../../rules/load-rules.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import type { Trace } from '../../rules/trace.ts'
import { createAnswers } from './answers.ts'
import { problemsOfReading } from './becomes.ts'
import { ambiguous, compare, type Difference, expectationsOf, type Values } from './expectation.ts'
import type { PlacedTest } from './placed-test.ts'

/** Reads the events that an item in any envelope holds. None: it is valid, but no event of a conversation. */
export type ReadEvents = (
  item: unknown,
  mapItem: MapItem | undefined,
) =>
  | {
      readonly kind: 'events'
      readonly events: readonly ConversationEvent[]
      /** The name of the one that was used. */
      readonly mapping: string | undefined
      /** Fields of an unexpected type or form, and parts that were rejected alone: a line each, for a person. */
      readonly oddFields: readonly string[]
      readonly rejected: readonly string[]
    }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

export interface TestResult<Test extends PlacedTest = PlacedTest> {
  readonly test: Test
  readonly passed: boolean
  /** Why the test cannot be decided, for a person. */
  readonly problems: readonly string[]
  readonly differences: readonly Difference[]
  /** What is no failure but good to know, for a person. */
  readonly notes: readonly string[]
  /** By which the item was read. */
  readonly mapping: string | undefined
  /** Of the events that some rule listens to. */
  readonly traces: readonly EventTrace[]
}

export interface EventTrace {
  readonly event: ConversationEvent
  readonly trace: Trace
}

export interface TestRun<Test extends PlacedTest = PlacedTest> {
  readonly loaded: Pick<LoadedRules, 'document' | 'with'>
  readonly tests: readonly Test[]
  readonly readEvents: ReadEvents
}

/** Runs the tests in their order. Pure: tables that are asked over HTTP are answered by the tests. */
export const runTests = <Test extends PlacedTest>({
  loaded,
  tests,
  readEvents,
}: TestRun<Test>): readonly TestResult<Test>[] => tests.map((test) => runTest(test, loaded, readEvents))

function runTest<Test extends PlacedTest>(
  test: Test,
  { document, with: rulesWith }: TestRun['loaded'],
  readEvents: ReadEvents,
): TestResult<Test> {
  const participants = readParticipants(test.definition.participants)
  const answers = createAnswers(test, document.lookups)
  const rules = rulesWith(answers.sources)
  const read = readEvents(test.definition.event, rules.mapItem)
  if (read.kind === 'invalid')
    return failed(
      test,
      read.problems.map((problem) => `event: ${problem}`),
    )
  const written = test.definition.participants?.length ?? 0
  if ((participants?.length ?? 0) < written)
    return failed(test, ['participants: each needs an id of 1 to 128 characters of A-Z a-z 0-9 _ -'])
  if (answers.problems.length > 0) return failed(test, answers.problems)

  const relevant = read.events.filter((event) => rules.subscribes(event))
  const actual = new Map<string, Map<string, string>>()
  const asked = new Set<string>()
  const traces = relevant.map((event): EventTrace => {
    const facts = { participants, known: new Map(), at: event.occurredAt ?? 0 }
    const { changes, needs } = rules.evaluate(event, facts)
    if (needs.some(({ kind }) => kind === 'conversation'))
      asked.add('rules ask who takes part in the conversation: say it in participants, [] if nobody does')
    for (const { participantId, attributes } of changes) {
      const values = actual.get(participantId) ?? new Map<string, string>()
      actual.set(participantId, values)
      for (const [attribute, value] of Object.entries(attributes)) values.set(attribute, value)
    }
    return { event, trace: rules.explain(event, facts) }
  })
  const expectations = expectationsOf(test)
  const becoming = problemsOfReading(test, {
    events: read.events,
    mapping: read.mapping,
    isIgnored: relevant.length === 0,
  })
  // Without expect, what rules set and what they need for it is not looked at.
  const isOpen = test.definition.expect === undefined
  const problems = isOpen
    ? becoming
    : [...becoming, ...asked, ...answers.unanswered(), ...unclear(expectations, actual)]
  const differences = isOpen ? [] : compare(expectations, actual)
  return {
    test,
    passed: problems.length === 0 && differences.length === 0,
    problems,
    differences,
    mapping: read.mapping,
    notes: actual.has('') ? ['the event names no participant: the service could set nothing for it'] : [],
    traces,
  }
}

const failed = <Test extends PlacedTest>(test: Test, problems: readonly string[]): TestResult<Test> => ({
  test,
  passed: false,
  problems,
  differences: [],
  notes: [],
  mapping: undefined,
  traces: [],
})

/** A value for each of several participants cannot be told by a map of attributes alone. */
const unclear = (expectations: ReturnType<typeof expectationsOf>, actual: Values): string[] =>
  expectations.some(({ participantId }) => participantId !== undefined)
    ? []
    : ambiguous(actual).map(
        (attribute) =>
          `expect: ${attribute} is set to several values: say on whom, as participant → attribute → value`,
      )
