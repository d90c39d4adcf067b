import type { Expressions } from '../../cel/expressions.ts'
import { conjunctsOf } from '../../cel/syntax/tokens.ts'
import { type EventType, eventTypes } from '../../event.ts'
import { createListeners } from '../../rules/evaluate.ts'
import type { Compiled } from '../../rules/file/compile.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { type CompiledMapping, constantOf, type MappedField } from '../../rules/mappings/map-item.ts'
import { constraintOf } from './constraints.ts'
import { type NeverTrue, whyNeverTrue } from './never-true.ts'

/** Mappings that no item reaches, and mappings whose events no rule listens to. */
export function unusedMappings(
  { mappings: written, problem }: RulesDocument,
  { mappings, rules, expressions }: Pick<Compiled, 'mappings' | 'rules' | 'expressions'>,
): RulesProblem[] {
  const listenersOf = createListeners(rules)
  return mappings.flatMap((mapping, index) => {
    const path = written[index]?.path ?? []
    const found: RulesProblem[] = []
    const never = whyNeverUsed(mapping, mappings.slice(0, index), expressions)
    if (never !== undefined)
      found.push(problem([...path, 'when'], `${never.message}: the mapping is never used`, never.offset))
    const type = constantIn(mapping, 'type')
    const topic = constantIn(mapping, 'topic')
    const isFixed = topic !== undefined || fieldOf(mapping, 'topic') === undefined
    const event = isFixed && isType(type) ? { type, ...(topic !== undefined && { topic }) } : undefined
    if (event !== undefined && rules.length > 0 && listenersOf(event).length === 0)
      found.push(
        problem(
          [...path, topic === undefined ? 'type' : 'topic'],
          `has no rule that listens to it${topic === undefined ? '' : ` or to ${type}`}: the events of the mapping are ignored`,
        ),
      )
    return found
  })
}

/** The constant topics of mappings, to which rules can listen. */
export const mappedTopics = (mappings: readonly CompiledMapping[]): readonly string[] =>
  mappings.flatMap((mapping) => constantIn(mapping, 'topic') ?? [])

function whyNeverUsed(
  { when }: CompiledMapping,
  earlier: readonly CompiledMapping[],
  expressions: Expressions,
): NeverTrue | undefined {
  if (when === undefined) return undefined
  const never = whyNeverTrue(when.source, { expressions, on: ['*'] })
  if (never !== undefined) return never
  const parts = conjunctsOf(when.source).map(({ source }) => source)
  const forGenesys = parts.some((part) => requiresGenesysKey(part, expressions))
  const requiredParts = new Set(parts)
  const earlierMatch = earlier.find(
    (other) =>
      !(forGenesys && other.matchesEverything) &&
      other.when &&
      requiresOnly(other.when.source, requiredParts),
  )
  return (
    earlierMatch && {
      message: `the earlier mapping ${JSON.stringify(earlierMatch.name)} takes every item that matches`,
      offset: 0,
    }
  )
}

/** Whether each part of `source` is among the required ones. Compares their text. */
const requiresOnly = (source: string, requiredParts: ReadonlySet<string>): boolean =>
  conjunctsOf(source).every((part) => part.source === 'true' || requiredParts.has(part.source))

/** Whether a part of a condition requires the key that marks an envelope of Genesys Cloud. */
function requiresGenesysKey(source: string, expressions: Expressions): boolean {
  if (/^has\(\s*body\.topicName\s*\)$/.test(source)) return true
  if (/^(["'])(topicName|detail-type)\1\s+in\s+body$/.test(source)) return true
  const constraint = constraintOf(source, expressions)
  return (
    constraint?.kind === 'one_of' && /^body\.["']?(topicName|detail-type)["']?$/.test(constraint.variable)
  )
}

/** `name`: its path, such as `participant.address`. */
export const mappingSets = (mapping: CompiledMapping, name: string): boolean =>
  fieldOf(mapping, name) !== undefined

const fieldOf = ({ fields }: CompiledMapping, name: string): MappedField | undefined =>
  fields.find(({ path }) => path.join('.') === name)

/** The text that a mapping always sets as this field; undefined if it sets none, or a value of the item. */
export function constantIn(mapping: CompiledMapping, name: string): string | undefined {
  const field = fieldOf(mapping, name)
  return field && constantOf(field)
}

const isType = (text: string | undefined): text is EventType => eventTypes.some((type) => type === text)
