import { type Document, isMap, isScalar, isSeq, type Pair, Scalar, type YAMLMap } from 'yaml'

/**
 * Joins expressions of `let` that YAML splits: in `{ caller: lookup("tiers", participant.address) }`, the comma ends the value
 * for YAML, and the rest becomes an entry without a colon. No entry of `let` has that form. Changes the document.
 */
export function joinFlowExpressions(document: Document, text: string): void {
  for (const map of letMapsOf(document)) {
    const whole: Pair[] = []
    for (const pair of map.items) {
      const before = whole.at(-1)
      if (before === undefined || !isRest(pair, document) || !join(before, pair, text)) whole.push(pair)
    }
    if (whole.length === map.items.length) continue
    map.items.splice(0, map.items.length, ...whole)
    removeErrorsOfRests(document, map)
  }
}

function letMapsOf(document: Document): readonly YAMLMap[] {
  const rules = document.get('rules')
  const owners = [document.contents, ...(isSeq(rules) ? rules.items : [])]
  return owners.flatMap((owner) => {
    const map = isMap(owner) ? owner.get('let') : undefined
    return isMap(map) && map.flow === true ? [map] : []
  })
}

/** Whether the entry has no colon: it has no value (that of `name:` is a scalar), or its key is a quoted text before more text. */
const isRest = ({ value }: Pair, { errors }: Document): boolean =>
  value === null ||
  (isScalar(value) &&
    errors.some(({ code, pos: [start] }) => code === 'MISSING_CHAR' && start === value.range?.[0]))

/** Extends the value of an entry to the end of the rest. False: the value is not a plain one. */
function join(pair: Pair, rest: Pair, text: string): boolean {
  const last = rest.value ?? rest.key
  if (!isScalar(pair.value) || pair.value.type !== 'PLAIN' || !isScalar(last)) return false
  const [start] = pair.value.range ?? []
  if (start === undefined || last.range == null) return false
  const [, end, nodeEnd] = last.range
  const joined = new Scalar(text.slice(start, end).replaceAll(/\s*\n\s*/g, ' '))
  joined.type = 'PLAIN'
  joined.range = [start, end, nodeEnd]
  pair.value = joined
  return true
}

/** Removes the errors about missing colons, and about rests that are equal, inside the joined values. */
function removeErrorsOfRests(document: Document, map: YAMLMap): void {
  const isInValue = (at: number): boolean =>
    map.items.some(
      ({ value }) => isScalar(value) && value.range != null && value.range[0] < at && at < value.range[1],
    )
  document.errors = document.errors.filter(
    ({ code, pos: [start] }) => !(code === 'MISSING_CHAR' || code === 'DUPLICATE_KEY') || !isInValue(start),
  )
}
