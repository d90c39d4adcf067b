import type { Comparison } from '../../cel/syntax/comparisons.ts'
import { knownTopics } from '../../rules/file/known-topics.ts'
import { suggest } from '../../values/suggest.ts'
import { directions, mediaTypes, purposes } from '../../values/vocabulary.ts'

export interface ComparedValue {
  /** `mistake`: no event can have the value. `warning`: probably none has. */
  readonly severity: 'mistake' | 'warning'
  readonly message: string
  /** Characters from the start of the expression or text. */
  readonly offset: number
}

interface Vocabulary {
  readonly what: string
  readonly plural: string
  readonly values: readonly string[]
  /** Whether events normally have no other values. */
  readonly closed: boolean
}

const purpose: Vocabulary = { what: 'purpose', plural: 'values', values: purposes, closed: false }

const vocabularies: ReadonlyMap<string, Vocabulary> = new Map([
  ['event.mediaType', { what: 'media type', plural: 'values', values: mediaTypes, closed: true }],
  ['event.direction', { what: 'direction', plural: 'values', values: directions, closed: true }],
  ['event.topic', { what: 'topic', plural: 'topics', values: knownTopics, closed: false }],
  ['participant.purpose', purpose],
  ['candidate.purpose', purpose],
])

/**
 * Checks the texts that an expression compares with media types, directions, purposes and topics: events have these in
 * lower case. `ownTopics`: topics that the rules file itself gives to events.
 */
export const checkComparedValues = (
  comparisons: readonly Comparison[],
  ownTopics: readonly string[] = [],
): readonly ComparedValue[] =>
  comparisons.flatMap(({ field, values }) => {
    const vocabulary = vocabularies.get(field)
    if (vocabulary === undefined) return []
    const known = field === 'event.topic' ? [...vocabulary.values, ...ownTopics] : vocabulary.values
    return values.flatMap(({ text, offset }) => {
      const found = checkValue(text, { ...vocabulary, values: known })
      return found === undefined ? [] : [{ ...found, offset }]
    })
  })

function checkValue(
  text: string,
  { what, plural, values, closed }: Vocabulary,
): Omit<ComparedValue, 'offset'> | undefined {
  const lower = text.toLowerCase()
  if (text !== lower) {
    const meant = values.includes(lower) ? lower : (suggest(lower, values) ?? lower)
    return {
      severity: 'mistake',
      message: `write ${JSON.stringify(meant)}: ${plural} are lower case whatever the relay sends`,
    }
  }
  // "" asks whether there is a value at all.
  if (text === '' || values.includes(text)) return undefined
  const meant = suggest(text, values)
  if (meant === undefined && !closed) return undefined
  const hint =
    meant === undefined ? `the known ones are ${values.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`
  return { severity: 'warning', message: `${JSON.stringify(text)} is not a known ${what}: ${hint}` }
}
