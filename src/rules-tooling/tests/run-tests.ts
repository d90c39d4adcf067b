import type { ConversationEvent } from '../../event.ts'
import { readParticipants } from '../../genesys/participants.ts'
import type { LoadedRules } from '../../rules/load-rules.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import type { Trace } from '../../rules/trace.ts'
import { compareAttributes, type Difference, eventProblems } from './expectations.ts'
import { createLookupAnswers } from './lookup-answers.ts'
import type { DocumentTest } from './tests-document.ts'

/** Reads the events of an item in any envelope. No events: the item is valid, but not a conversation event. */
export type ReadEvents = (
  item: unknown,
  mapItem: MapItem | undefined,
) =>
  | {
      readonly kind: 'events'
      readonly events: readonly ConversationEvent[]
      /** The name of the mapping that read the item. */
      readonly mapping: string | undefined
    }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

export interface TestResult {
  readonly test: DocumentTest
  readonly passed: boolean
  /** Reasons other than `differences` why the test failed, for a person. */
  readonly problems: readonly string[]
  readonly differences: readonly Difference[]
  /** Hints that are not failures, for a person. */
  readonly notes: readonly string[]
  /** The name of the mapping that read the item. */
  readonly mapping: string | undefined
  /** One per event that some rule listens to. */
  readonly traces: readonly EventTrace[]
}

export interface EventTrace {
  readonly event: ConversationEvent
  readonly trace: Trace
}

export interface TestRun {
  readonly loaded: Pick<LoadedRules, 'document' | 'withTables'>
  readonly tests: readonly DocumentTest[]
  readonly readEvents: ReadEvents
  /** Called after each test. */
  readonly onTest?: (done: number) => void
}

/** Runs the tests in order. Pure: the tests contain the answers of HTTP lookups. */
export const runTests = ({ tests, onTest, ...context }: TestRun): readonly TestResult[] =>
  tests.map((test, index) => {
    const result = runTest(test, context)
    onTest?.(index + 1)
    return result
  })

function runTest(
  test: DocumentTest,
  { loaded, readEvents }: Pick<TestRun, 'loaded' | 'readEvents'>,
): TestResult {
  const participants = readParticipants(test.definition.participants)
  const answers = createLookupAnswers(test, loaded.document.lookups)
  const rules = loaded.withTables(answers.sources)
  const read = readEvents(test.definition.event, rules.mapItem)
  if (read.kind === 'invalid')
    return failed(
      test,
      read.problems.map((problem) => `event: ${problem}`),
    )
  const participantCount = test.definition.participants?.length ?? 0
  if ((participants?.length ?? 0) < participantCount)
    return failed(test, ['participants: each needs an id of 1 to 128 characters of A-Z a-z 0-9 _ -'])
  if (answers.problems.length > 0) return failed(test, answers.problems)

  const relevant = read.events.filter((event) => rules.subscribes(event))
  const actual = new Map<string, Map<string, string>>()
  const missingData = new Set<string>()
  const traces = relevant.map((event): EventTrace => {
    const facts = { participants, known: new Map(), at: event.occurredAt ?? 0 }
    const { changes, needs } = rules.evaluate(event, facts)
    if (needs.some(({ kind }) => kind === 'conversation'))
      missingData.add(
        'rules need the participants of the conversation: add them to participants, [] for none',
      )
    for (const { participantId, attributes } of changes) {
      const values = actual.get(participantId) ?? new Map<string, string>()
      actual.set(participantId, values)
      for (const [attribute, value] of Object.entries(attributes)) values.set(attribute, value)
    }
    return { event, trace: rules.explain(event, facts) }
  })
  const problemsOfEvent = eventProblems(test, {
    events: read.events,
    mapping: read.mapping,
    isIgnored: relevant.length === 0,
  })
  const compared = compareAttributes(test, actual)
  // Without expect, the test ignores the values that rules set and the data that they need.
  const expectsAnyValues = test.definition.expect === undefined
  const problems = expectsAnyValues
    ? problemsOfEvent
    : [...problemsOfEvent, ...missingData, ...answers.unanswered(), ...compared.problems]
  const differences = expectsAnyValues ? [] : compared.differences
  return {
    test,
    passed: problems.length === 0 && differences.length === 0,
    problems,
    differences,
    mapping: read.mapping,
    notes: actual.has('') ? ['the event has no participant: the service could not set anything for it'] : [],
    traces,
  }
}

const failed = (test: DocumentTest, problems: readonly string[]): TestResult => ({
  test,
  passed: false,
  problems,
  differences: [],
  notes: [],
  mapping: undefined,
  traces: [],
})
