import type { PlacedTest } from './placed-test.ts'

/** Values by participant, then by attribute. `''` stands for the event's own participant where the event names none. */
export type Values = ReadonlyMap<string, ReadonlyMap<string, string>>

/** An attribute that is not set as expected. Absent: not set. */
export interface Difference {
  readonly attribute: string
  /** Absent: whomever on. */
  readonly participantId?: string
  readonly expected?: string
  readonly actual?: string
}

/** What the test expects: on somebody, or (undefined) on whomever. */
export interface Expectation {
  readonly participantId: string | undefined
  readonly attributes: ReadonlyMap<string, string>
}

/** Numbers as they are written: `007`. */
export function expectationsOf({ definition, path, document }: PlacedTest): readonly Expectation[] {
  const text = (value: string | number | boolean, ...rest: readonly string[]): string =>
    document.sourceText([...path, 'expect', ...rest], value)
  const entries = Object.entries(definition.expect ?? {})
  const flat = entries.flatMap(([attribute, value]) =>
    typeof value === 'object' ? [] : [[attribute, text(value, attribute)] as const],
  )
  if (flat.length === entries.length)
    return [{ participantId: definition.participant, attributes: new Map(flat) }]
  return entries.flatMap(([participantId, values]) => {
    if (typeof values !== 'object') return []
    const attributes = Object.entries(values).map(
      ([attribute, value]) => [attribute, text(value, participantId, attribute)] as const,
    )
    return [{ participantId, attributes: new Map(attributes) }]
  })
}

/** Everything that is expected and not set, set and not expected, or set to something else. */
export function compare(expectations: readonly Expectation[], actual: Values): readonly Difference[] {
  const [only] = expectations
  if (only !== undefined && only.participantId === undefined)
    return differences(only.attributes, together(actual), {})
  const named = new Map(
    expectations.map(({ participantId = '', attributes }) => [participantId, attributes] as const),
  )
  return [...new Set([...named.keys(), ...actual.keys()])].flatMap((participantId) =>
    differences(named.get(participantId) ?? nothing, actual.get(participantId) ?? nothing, { participantId }),
  )
}

const nothing: ReadonlyMap<string, string> = new Map()

/** The attributes that several participants are to get with different values: no flat map can tell them. */
export function ambiguous(actual: Values): readonly string[] {
  const all = together(actual)
  return [...all.keys()].filter((attribute) =>
    [...actual.values()].some(
      (values) => values.has(attribute) && values.get(attribute) !== all.get(attribute),
    ),
  )
}

const together = (actual: Values): ReadonlyMap<string, string> =>
  new Map([...actual.values()].flatMap((values) => [...values]))

function differences(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
  on: { readonly participantId?: string },
): Difference[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((attribute) => {
    const [wanted, set] = [expected.get(attribute), actual.get(attribute)]
    if (wanted === set) return []
    return [
      {
        attribute,
        ...on,
        ...(wanted !== undefined && { expected: wanted }),
        ...(set !== undefined && { actual: set }),
      },
    ]
  })
}
