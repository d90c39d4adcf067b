import { createExpressions, type Expression, type Expressions } from '../../cel/expressions.ts'
import type { KnownTables } from '../../cel/functions/lookup.ts'
import type { Names } from '../../cel/names.ts'
import type { Template } from '../../cel/template.ts'
import { type Priority, priorities } from '../../inbox/inbox.ts'
import { compileMapping } from '../mappings/compile-mapping.ts'
import type { CompiledMapping } from '../mappings/map-item.ts'
import { type Compilation, compileCondition, compileValue } from './compile-expressions.ts'
import { compileLet } from './compile-let.ts'
import type { Entry, RulesDocument, RulesProblem } from './document.ts'
import type { RuleDefinition } from './schema.ts'

export interface CompiledRule {
  readonly name: string
  readonly on: readonly string[]
  /** The names of the file and of the rule. */
  readonly names: Names
  /** Compiles further expressions that can read these names. */
  readonly expressions: Expressions
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
  /** The names of the file. */
  readonly names: Names
  readonly rules: readonly CompiledRule[]
  readonly problems: readonly RulesProblem[]
  readonly expressions: Expressions
}

/** Compiles and type-checks every expression. Reports all mistakes; the compiled rules omit the parts that have them. */
export function compileRules(document: RulesDocument, tables: KnownTables): Compiled {
  const problems: RulesProblem[] = []
  const expressions = createExpressions({ tables })
  const namesOfRules = namesOfRulesIn(document)
  const compilation = { document, problems, expressions: expressions.withNames(new Map(), namesOfRules) }
  const ofFile = compileLet(document.let, ['let'], compilation, new Map())
  const inMappings = {
    ...compilation,
    expressions: expressions.withNames(
      new Map(),
      notInMappings([...Object.keys(document.let), ...namesOfRules.keys()]),
    ),
  }
  const inRules = { ...compilation, expressions: ofFile.expressions }
  return {
    mappings: document.mappings.map(({ definition, path }) => compileMapping(definition, path, inMappings)),
    names: ofFile.names,
    rules: document.rules.map((rule) => compileRule(rule, inRules, ofFile.names)),
    problems,
    expressions,
  }
}

/** The messages for expressions that read a name of another rule. */
const namesOfRulesIn = ({ rules }: RulesDocument): ReadonlyMap<string, string> =>
  new Map(
    rules.flatMap(({ definition }) =>
      Object.keys(definition.let).map((name) => [
        name,
        `${name} is a name of the rule ${JSON.stringify(definition.name)}: move it to let of the file for other rules`,
      ]),
    ),
  )

const notInMappings = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    names.map((name) => [
      name,
      `${name} is a name of let, which only rules can read: write the expression out with body`,
    ]),
  )

function compileRule(
  { definition: rule, path }: Entry<RuleDefinition>,
  inFile: Compilation,
  fileNames: Names,
): CompiledRule {
  const own = compileLet(rule.let, [...path, 'let'], inFile, fileNames)
  const compilation = { ...inFile, expressions: own.expressions }
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
    names: own.names.size === 0 ? fileNames : new Map([...fileNames, ...own.names]),
    expressions: own.expressions,
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
