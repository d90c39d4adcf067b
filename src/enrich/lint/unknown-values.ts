import type { Expressions } from '../expressions/expressions.ts'
import { conjunctsOf } from '../expressions/syntax/conjuncts.ts'
import { suggest } from '../suggest.ts'
import { demandOf } from './demands.ts'
import { knownTopics } from './known-topics.ts'

/** Of participants, as Genesys Cloud names them. What a relay of one's own sends may be another. */
const knownPurposes = [
  ...['customer', 'external', 'agent', 'user', 'acd', 'ivr', 'voicemail', 'fax', 'workflow', 'campaign'],
  ...['dialer', 'station', 'group', 'queue', 'manager', 'botflow', 'api', 'inbound', 'outbound'],
]

const known: ReadonlyMap<string, { readonly what: string; readonly values: readonly string[] }> = new Map([
  ['event.topic', { what: 'topic', values: knownTopics }],
  ['participant.purpose', { what: 'purpose', values: knownPurposes }],
  ['candidate.purpose', { what: 'purpose', values: knownPurposes }],
])

export interface UnknownValue {
  readonly message: string
  /** Characters from the start of the condition. */
  readonly offset: number
}

/** Values that a condition asks for and that are most likely misspelt: near to one that is known, in whatever case. */
export function unknownValues(source: string, expressions: Expressions): readonly UnknownValue[] {
  return conjunctsOf(source).flatMap(({ source: part, offset }) => {
    const demand = demandOf(part, expressions)
    const { what, values } = known.get(demand?.variable ?? '') ?? { what: '', values: [] }
    return (demand?.values ?? []).flatMap((value) => {
      if (typeof value !== 'string' || values.includes(value)) return []
      const meant = suggest(value, values)
      if (meant === undefined) return []
      const message = `${JSON.stringify(value)} is no ${what} of Genesys Cloud: did you mean ${JSON.stringify(meant)}?`
      return [{ message, offset }]
    })
  })
}
