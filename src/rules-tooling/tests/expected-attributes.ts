import type { DocumentTest } from './document-test.ts'

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

/** The attributes that a test expects on a participant. Undefined: on any. */
export interface Expectation {
  readonly participantId: string | undefined
  readonly attributes: ReadonlyMap<string, string>
}

/** The expectations of a test. Keeps numbers as in the file (`007`). */
export function expectationsOf({ definition, path, document }: DocumentTest): readonly Expectation[] {
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

/** The attributes that are expected but not set, set but not expected, or set to another value. */
export function compareAttributes(
  expectations: readonly Expectation[],
  actual: Values,
): readonly Difference[] {
  const [only] = expectations
  if (only !== undefined && only.participantId === undefined)
    return differences(only.attributes, mergedValues(actual), {})
  const named = new Map(
    expectations.map(({ participantId = '', attributes }) => [participantId, attributes] as const),
  )
  return [...new Set([...named.keys(), ...actual.keys()])].flatMap((participantId) =>
    differences(named.get(participantId) ?? noAttributes, actual.get(participantId) ?? noAttributes, {
      participantId,
    }),
  )
}

const noAttributes: ReadonlyMap<string, string> = new Map()

/** The attributes with different values on several participants, which a flat map cannot express. */
export function ambiguousAttributes(actual: Values): readonly string[] {
  const all = mergedValues(actual)
  return [...all.keys()].filter((attribute) =>
    [...actual.values()].some(
      (values) => values.has(attribute) && values.get(attribute) !== all.get(attribute),
    ),
  )
}

const mergedValues = (actual: Values): ReadonlyMap<string, string> =>
  new Map([...actual.values()].flatMap((values) => [...values]))

function differences(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
  on: { readonly participantId?: string },
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
