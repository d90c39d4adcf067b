import type { Expressions } from '../../cel/expressions.ts'
import { conjunctsOf } from '../../cel/syntax/conjuncts.ts'
import type { Compiled } from '../../rules/file/compile.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { createListeners } from '../../rules/listeners.ts'
import { type CompiledMapping, constantOf } from '../../rules/mappings/compiled-mapping.ts'
import { demandOf } from './demands.ts'
import { whyNeverTrue } from './never-true.ts'

/** Mappings that no item ever comes to, and those whose events nobody wants. */
export function unusedMappings(
  { mappings: written, problem }: RulesDocument,
  { mappings, rules, expressions }: Pick<Compiled, 'mappings' | 'rules' | 'expressions'>,
): RulesProblem[] {
  const listeners = createListeners(rules)
  return mappings.flatMap((mapping, index) => {
    const path = written[index]?.path ?? []
    const found: RulesProblem[] = []
    const never = whyNeverUsed(mapping, mappings.slice(0, index), expressions)
    if (never !== undefined)
      found.push(problem([...path, 'when'], `${never.message}: the mapping is never used`, never.offset))
    const type = constantIn(mapping, 'type')
    const topic = constantIn(mapping, 'topic')
    const isFixed = type !== undefined && (topic !== undefined || !has(mapping, 'topic'))
    if (isFixed && rules.length > 0 && isType(type) && listeners.of({ type, ...topicOf(topic) }).length === 0)
      found.push(
        problem(
          [...path, topic === undefined ? 'type' : 'topic'],
          `is listened to by no rule${topic === undefined ? '' : `, nor is ${type}`}: what the mapping makes is ignored`,
        ),
      )
    return found
  })
}

/** Topics that mappings give to events, so that rules can well listen to them. */
export const mappedTopics = (mappings: readonly CompiledMapping[]): readonly string[] =>
  mappings.flatMap((mapping) => constantIn(mapping, 'topic') ?? [])

interface NeverUsed {
  readonly message: string
  readonly offset: number
}

function whyNeverUsed(
  { when }: CompiledMapping,
  earlier: readonly CompiledMapping[],
  expressions: Expressions,
): NeverUsed | undefined {
  if (when === undefined) return undefined
  const never = whyNeverTrue(when.source, { expressions, on: ['*'] })
  if (never !== undefined) return never
  const parts = conjunctsOf(when.source).map(({ source }) => source)
  const forGenesys = parts.some((part) => demandsMark(part, expressions))
  const demanded = new Set(parts)
  const taker = earlier.find(
    (other) => !(forGenesys && other.fitsAll) && other.when && demandsNoMore(other.when.source, demanded),
  )
  return (
    taker && {
      message: `mapping ${JSON.stringify(taker.name)}, which stands before it, takes all that fits`,
      offset: 0,
    }
  )
}

/** Conditions are compared as they are written. */
const demandsNoMore = (source: string, demanded: ReadonlySet<string>): boolean =>
  conjunctsOf(source).every((part) => part.source === 'true' || demanded.has(part.source))

/** Whether a part of a condition asks for the mark of an envelope of Genesys Cloud. */
function demandsMark(source: string, expressions: Expressions): boolean {
  if (/^has\(\s*body\.topicName\s*\)$/.test(source)) return true
  if (/^(["'])(topicName|detail-type)\1\s+in\s+body$/.test(source)) return true
  const demand = demandOf(source, expressions)
  return demand?.kind === 'one_of' && /^body\.["']?(topicName|detail-type)["']?$/.test(demand.variable)
}

const has = ({ fields }: CompiledMapping, name: string): boolean =>
  fields.some(({ path }) => path.join('.') === name)

function constantIn({ fields }: CompiledMapping, name: string): string | undefined {
  const field = fields.find(({ path }) => path.join('.') === name)
  return field && constantOf(field)
}

const isType = (text: string): text is 'conversation:created' | 'conversation:updated' =>
  text === 'conversation:created' || text === 'conversation:updated'

const topicOf = (topic: string | undefined) => (topic === undefined ? {} : { topic })
