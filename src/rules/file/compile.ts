import { createExpressions, type Expression, type Expressions } from '../../cel/expressions.ts'
import type { KnownTables } from '../../cel/functions/lookup.ts'
import type { Template } from '../../cel/template.ts'
import { type Priority, priorities } from '../../inbox/inbox.ts'
import { compileMapping } from '../mappings/compile-mapping.ts'
import type { CompiledMapping } from '../mappings/map-item.ts'
import { type Compilation, compileCondition, compileValue } from './compile-expressions.ts'
import type { RulesDocument, RulesProblem } from './document.ts'
import type { RuleDefinition } from './schema.ts'
import type { Path } from './yaml-positions.ts'

export interface CompiledRule {
  readonly name: string
  readonly on: readonly string[]
  /** Undefined: the rule always matches. */
  readonly when: Expression | undefined
  /** Undefined: the participant of the event. */
  readonly target: Expression | undefined
  /** Whether the event's participant must first be read from the API. */
  readonly needsParticipant: boolean
  /** Whether one of its expressions reads `participant.attributes`. */
  readonly readsAttributes: boolean
  readonly priority: Priority
  readonly set: readonly { readonly attribute: string; readonly value: Template }[]
}

export interface Compiled {
  readonly mappings: readonly CompiledMapping[]
  readonly rules: readonly CompiledRule[]
  readonly problems: readonly RulesProblem[]
  readonly expressions: Expressions
}

/** Compiles and type-checks every expression. Reports all mistakes; the compiled rules omit the parts that have them. */
export function compileRules(document: RulesDocument, tables: KnownTables): Compiled {
  const problems: RulesProblem[] = []
  const expressions = createExpressions({ tables })
  const compilation = { document, expressions, problems }
  return {
    mappings: document.mappings.map(({ definition, path }) => compileMapping(definition, path, compilation)),
    rules: document.rules.map(({ definition, path }) => compileRule(definition, path, compilation)),
    problems,
    expressions,
  }
}

function compileRule(rule: RuleDefinition, path: Path, compilation: Compilation): CompiledRule {
  const when = compileCondition(rule.when, [...path, 'when'], 'event', compilation)
  const targetSource = rule.target === 'event' ? undefined : rule.target
  const target = compileCondition(targetSource, [...path, 'target'], 'candidate', compilation)
  const set = Object.entries(rule.set).flatMap(([attribute, written]) => {
    const valuePath = [...path, 'set', attribute]
    const source = compilation.document.sourceText(valuePath, written)
    const value = compileValue(source, valuePath, compilation)
    return value === undefined ? [] : [{ attribute, value }]
  })
  return {
    name: rule.name,
    on: rule.on,
    when,
    target,
    needsParticipant: rule.needs.includes('participant'),
    readsAttributes: [when, target, ...set.map(({ value }) => value)].some(
      (part) => part?.reads.participantAttributes,
    ),
    priority: priorities[rule.priority],
    set,
  }
}
