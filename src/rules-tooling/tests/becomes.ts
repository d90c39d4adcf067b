import type { ConversationEvent } from '../../event.ts'
import { type Leaf, leavesOf } from '../../rules/file/leaves.ts'
import { timeOf } from '../../values/normal-forms.ts'
import type { PlacedTest } from './placed-test.ts'

/** How the item of a test is read. */
export interface ReadItem {
  readonly events: readonly ConversationEvent[]
  readonly mapping: string | undefined
  /** Whether the service would answer `ignored`. */
  readonly isIgnored: boolean
}

/** How reading the item differs from what the test expects, for a person. */
export const problemsOfReading = (test: PlacedTest, read: ReadItem): readonly string[] => [
  ...(test.definition.ignored && !read.isIgnored
    ? ['ignored: the item is not ignored: it is an event that rules listen to']
    : []),
  ...problemsOfBecoming(test, read),
]

function problemsOfBecoming(test: PlacedTest, { events, mapping }: ReadItem): readonly string[] {
  const { becomes } = test.definition
  if (becomes === undefined) return []
  const [event, ...others] = events
  if (event === undefined)
    return [
      mapping === undefined
        ? 'becomes: the item is no event of a conversation'
        : `becomes: the item is ignored by mapping ${JSON.stringify(mapping)}`,
    ]
  if (others.length > 0)
    return [`becomes: the item holds ${events.length} events, and this can be said of one alone`]
  return leavesOf(becomes).flatMap(({ path, value }) => {
    const wanted = wantedText(test, path, value)
    const is = actualText(event, path)
    if (wanted === is) return []
    const name = path.join('.')
    if (wanted === undefined) return [`becomes: ${name}: expected not to be there, but it is ${inWords(is)}`]
    return [`becomes: ${name}: expected ${inWords(wanted)}, but it is ${inWords(is)}`]
  })
}

const isTime = (path: readonly string[]): boolean => path.join('.') === 'occurredAt'

/** Undefined: it is not to be there. */
function wantedText(
  { document, path: place }: PlacedTest,
  path: readonly string[],
  value: Leaf['value'],
): string | undefined {
  if (value === null) return undefined
  if (isTime(path) && typeof value !== 'boolean') return isoTime(timeOf(value))
  return document.sourceText([...place, 'becomes', ...path], value)
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

const inWords = (text: string | undefined): string =>
  text === undefined ? 'not there' : JSON.stringify(text)
