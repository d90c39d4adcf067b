import type { ConversationEvent } from '../../event.ts'
import { type ScalarEntry, scalarEntriesOf } from '../../rules/file/schema-parts.ts'
import { timeOf } from '../../values/normal-forms.ts'
import type { DocumentTest } from './tests-document.ts'

/** The events that the item of a test became. */
export interface ReadItem {
  readonly events: readonly ConversationEvent[]
  readonly mapping: string | undefined
  /** Whether the service would answer `ignored`. */
  readonly isIgnored: boolean
}

/** The differences from `ignored` and `becomes` of the test, for a person. */
export const eventProblems = (test: DocumentTest, read: ReadItem): readonly string[] => [
  ...(test.definition.ignored && !read.isIgnored
    ? ['ignored: the item is an event that rules listen to']
    : []),
  ...becomesProblems(test, read),
]

function becomesProblems(test: DocumentTest, { events, mapping }: ReadItem): readonly string[] {
  const { becomes } = test.definition
  if (becomes === undefined) return []
  const [event, ...others] = events
  if (event === undefined)
    return [
      mapping === undefined
        ? 'becomes: the item is not a conversation event'
        : `becomes: the item is ignored by mapping ${JSON.stringify(mapping)}`,
    ]
  if (others.length > 0)
    return [`becomes: the item contains ${events.length} events, but becomes can describe only one`]
  return scalarEntriesOf(becomes).flatMap(({ path, value }) => {
    const expected = expectedText(test, path, value)
    const actual = actualText(event, path)
    if (expected === actual) return []
    const [wanted, found] = [quotedOrAbsent(expected), quotedOrAbsent(actual)]
    return [`becomes: ${path.join('.')}: expected ${wanted}, but it is ${found}`]
  })
}

const isTime = (path: readonly string[]): boolean => path.join('.') === 'occurredAt'

/** Undefined: the test expects the field to be absent. */
function expectedText(
  { document, path: testPath }: DocumentTest,
  path: readonly string[],
  value: ScalarEntry['value'],
): string | undefined {
  if (value === null) return undefined
  if (isTime(path) && typeof value !== 'boolean') return isoTime(timeOf(value))
  return document.sourceText([...testPath, 'becomes', ...path], value)
}

function actualText(event: ConversationEvent, path: readonly string[]): string | undefined {
  if (isTime(path)) return isoTime(event.occurredAt)
  const found = path.reduce(
    (owner: unknown, key) =>
      typeof owner === 'object' && owner !== null && Object.hasOwn(owner, key)
        ? (owner as Record<string, unknown>)[key]
        : undefined,
    event,
  )
  return found === undefined ? undefined : String(found)
}

const isoTime = (epochMs: number | undefined): string | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs).toISOString()

const quotedOrAbsent = (text: string | undefined): string =>
  text === undefined ? 'absent' : JSON.stringify(text)

/** Values by participant, then by attribute. `''`: the event has no participant. */
export type Values = ReadonlyMap<string, ReadonlyMap<string, string>>

/** An attribute that differs from the expectation. Absent `expected` or `actual`: not set. */
export interface Difference {
  readonly attribute: string
  /** Absent: any. */
  readonly participantId?: string
  readonly expected?: string
  readonly actual?: string
}

export interface ComparedAttributes {
  /** Why the expectation cannot be compared, for a person. */
  readonly problems: readonly string[]
  readonly differences: readonly Difference[]
}

/** The attributes that are expected but not set, set but not expected, or set to another value. */
export function compareAttributes(test: DocumentTest, actual: Values): ComparedAttributes {
  const expected = expectationsOf(test)
  const onAny = expected.get(undefined)
  if (onAny !== undefined) {
    const merged = new Map([...actual.values()].flatMap((values) => [...values]))
    return {
      problems: ambiguousAttributes(merged, actual).map(
        (attribute) =>
          `expect: ${attribute} gets different values on several participants: write participant → attribute → value`,
      ),
      differences: differencesOf({}, onAny, merged),
    }
  }
  const participants = new Set([...expected.keys(), ...actual.keys()])
  return {
    problems: [],
    differences: [...participants].flatMap((participantId = '') =>
      differencesOf({ participantId }, expected.get(participantId), actual.get(participantId)),
    ),
  }
}

/** The attributes that a test expects, by participant. Undefined: on any. Keeps numbers as in the file (`007`). */
function expectationsOf({
  definition: { expect = {}, participant },
  path,
  document,
}: DocumentTest): ReadonlyMap<string | undefined, ReadonlyMap<string, string>> {
  const text = (value: string | number | boolean, ...rest: readonly string[]): string =>
    document.sourceText([...path, 'expect', ...rest], value)
  const entries = Object.entries(expect)
  const flat = entries.flatMap(([attribute, value]) =>
    typeof value === 'object' ? [] : [[attribute, text(value, attribute)] as const],
  )
  if (flat.length === entries.length) return new Map([[participant, new Map(flat)]])
  return new Map(
    entries.map(([participantId, values]) => [
      participantId,
      new Map(
        Object.entries(typeof values === 'object' ? values : {}).map(([attribute, value]) => [
          attribute,
          text(value, participantId, attribute),
        ]),
      ),
    ]),
  )
}

/** The attributes with different values on several participants, which a flat map cannot express. */
const ambiguousAttributes = (merged: ReadonlyMap<string, string>, actual: Values): readonly string[] =>
  [...merged.keys()].filter((attribute) =>
    [...actual.values()].some(
      (values) => values.has(attribute) && values.get(attribute) !== merged.get(attribute),
    ),
  )

const noValues: ReadonlyMap<string, string> = new Map()

function differencesOf(
  on: { readonly participantId?: string },
  expected = noValues,
  actual = noValues,
): Difference[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((attribute) => {
    const [expectedValue, actualValue] = [expected.get(attribute), actual.get(attribute)]
    if (expectedValue === actualValue) return []
    return [
      {
        attribute,
        ...on,
        ...(expectedValue !== undefined && { expected: expectedValue }),
        ...(actualValue !== undefined && { actual: actualValue }),
      },
    ]
  })
}
