import type { Comparison } from '../../cel/syntax/comparisons.ts'
import { knownTopics } from '../../rules/file/known-topics.ts'
import { suggest } from '../../values/messages.ts'
import { directions, mediaTypes, purposes } from '../../values/vocabulary.ts'

export interface ComparedValue {
  /** `mistake`: no event can have the value. `warning`: probably no event has it. */
  readonly severity: 'mistake' | 'warning'
  readonly message: string
  /** Characters from the start of the expression or text. */
  readonly offset: number
}

interface Vocabulary {
  /** `media type` */
  readonly name: string
  readonly plural: string
  readonly values: readonly string[]
  /** Whether the list is complete, so that any other value is suspect. */
  readonly closed: boolean
}

const purpose: Vocabulary = { name: 'purpose', plural: 'values', values: purposes, closed: false }

const vocabularies: ReadonlyMap<string, Vocabulary> = new Map([
  ['event.mediaType', { name: 'media type', plural: 'values', values: mediaTypes, closed: true }],
  ['event.direction', { name: 'direction', plural: 'values', values: directions, closed: true }],
  ['event.topic', { name: 'topic', plural: 'topics', values: knownTopics, closed: false }],
  ['participant.purpose', purpose],
  ['candidate.purpose', purpose],
])

/**
 * Checks the texts that an expression compares with media types, directions, purposes and topics. Events have these in lower
 * case. `mappedTopics`: topics that mappings of the rules file set.
 */
export const checkComparedValues = (
  comparisons: readonly Comparison[],
  mappedTopics: readonly string[] = [],
): readonly ComparedValue[] =>
  comparisons.flatMap(({ field, values }) => {
    const vocabulary = vocabularies.get(field)
    if (vocabulary === undefined) return []
    const known = field === 'event.topic' ? [...vocabulary.values, ...mappedTopics] : vocabulary.values
    return values.flatMap(({ text, offset }) => {
      const found = checkValue(text, { ...vocabulary, values: known })
      return found === undefined ? [] : [{ ...found, offset }]
    })
  })

function checkValue(
  text: string,
  { name, plural, values, closed }: Vocabulary,
): Omit<ComparedValue, 'offset'> | undefined {
  const lower = text.toLowerCase()
  if (text !== lower) {
    const suggestion = values.includes(lower) ? lower : (suggest(lower, values) ?? lower)
    return {
      severity: 'mistake',
      message: `write ${JSON.stringify(suggestion)}: event ${plural} are always lower case`,
    }
  }
  // A comparison with "" tests whether the field has a value.
  if (text === '' || values.includes(text)) return undefined
  const suggestion = suggest(text, values)
  if (suggestion === undefined && !closed) return undefined
  const hint =
    suggestion === undefined
      ? `the known ones are ${values.join(', ')}`
      : `did you mean ${JSON.stringify(suggestion)}?`
  return { severity: 'warning', message: `${JSON.stringify(text)} is not a known ${name}: ${hint}` }
}
