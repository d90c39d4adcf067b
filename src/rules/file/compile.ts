import { createExpressions, type Expressions } from '../../cel/expressions.ts'
import type { KnownTables } from '../../cel/functions/lookup.ts'
import { compileTemplate, type Template } from '../../cel/template.ts'
import { type Priority, priorities } from '../../inbox/inbox.ts'
import { compileMapping } from '../mappings/compile-mapping.ts'
import type { CompiledMapping } from '../mappings/compiled-mapping.ts'
import { type Compilation, type Condition, compileCondition } from './condition.ts'
import type { RulesDocument, RulesProblem } from './document.ts'
import type { RuleDefinition } from './schema.ts'

export interface CompiledRule {
  readonly name: string
  readonly on: readonly string[]
  /** Undefined: the rule always matches. */
  readonly when: Condition | undefined
  /** Undefined: the participant of the event. */
  readonly target: Condition | undefined
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
  const compile = createCompile(compilation)
  return {
    mappings: document.mappings.map(({ mapping, path }) => compileMapping(mapping, path, compilation)),
    rules: document.rules.map(({ rule, path }) => compile(rule, path)),
    problems,
    expressions,
  }
}

type Path = readonly PropertyKey[]

function createCompile(compilation: Compilation) {
  const { document, expressions, problems } = compilation

  function template(value: string | number | boolean, path: Path): Template | undefined {
    const compiled = compileTemplate(document.sourceText(path, value), expressions)
    if (compiled.kind === 'ok') return compiled.template
    problems.push(document.problem(path, compiled.message, compiled.offset))
    return undefined
  }

  return (rule: RuleDefinition, path: Path): CompiledRule => {
    const when =
      rule.when === undefined
        ? undefined
        : compileCondition(rule.when, [...path, 'when'], 'event', compilation)
    const targetSource = rule.target === undefined || rule.target === 'event' ? undefined : rule.target
    const target =
      targetSource === undefined
        ? undefined
        : compileCondition(targetSource, [...path, 'target'], 'candidate', compilation)
    const set = Object.entries(rule.set).flatMap(([attribute, written]) => {
      const value = template(written, [...path, 'set', attribute])
      return value === undefined ? [] : [{ attribute, value }]
    })
    const expressionsOfRule = [when?.expression, target?.expression, ...set.map(({ value }) => value)]
    return {
      name: rule.name,
      on: rule.on,
      when,
      target,
      needsParticipant: rule.needs.includes('participant'),
      readsAttributes: expressionsOfRule.some((part) => part?.reads.participantAttributes),
      priority: priorities[rule.priority],
      set,
    }
  }
}
