import type { ConversationEvent } from '../../event.ts'
import { type ScalarEntry, scalarEntriesOf } from '../../rules/file/schema-parts.ts'
import { timeOf } from '../../values/normal-forms.ts'
import type { DocumentTest } from './document-test.ts'

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
    const name = path.join('.')
    if (expected === undefined)
      return [`becomes: ${name}: expected absent, but it is ${quotedOrAbsent(actual)}`]
    return [`becomes: ${name}: expected ${quotedOrAbsent(expected)}, but it is ${quotedOrAbsent(actual)}`]
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
