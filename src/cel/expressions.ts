import {
  Environment,
  type ErrorLocation,
  EvaluationError,
  TypeError as ExpressionTypeError,
  ParseError,
  type ParseResult,
} from '@marcbachmann/cel-js'
import { createBudget } from './budget.ts'
import type { ExpressionContext, MappingContext } from './context.ts'
import { createEvaluation } from './evaluation.ts'
import { ExpressionFailure, ExpressionMistake, type Mistake } from './expression-errors.ts'
import { createFailureAt, type ExpressionSyntax, type FailureAt } from './failures.ts'
import { byCallKey, createFunctions, replacementsOf } from './functions/functions.ts'
import type { FindRow, KnownTables } from './functions/lookup.ts'
import { createBoundMacros, defaultMacro } from './functions/macros.ts'
import { describeMistake, type KnownFunction, type KnownNames } from './mistakes/mistakes.ts'
import { boundedLimits, boundedSource, expressionLimits, tooLarge } from './syntax/bounded-source.ts'
import { inspect, type Origin, type Reads } from './syntax/inspect.ts'
import type { SyntaxNode } from './syntax/syntax.ts'
import { type ExpressionScope, fieldsOf, type Shape, variablesOf } from './variables.ts'

/** An expression that passed every check. */
export interface Expression {
  /** The CEL type that the type check derived: `bool`, `string`, `int`, `dyn` … */
  readonly type: string
  readonly reads: Reads
  readonly origin: Origin
  /** As in the rules file. */
  readonly source: string
  /**
   * Throws only `ExpressionFailure`: the event lacks a field that the expression reads, or the evaluation is too costly.
   * Within the evaluation of another expression (a name of `let`), it spends the steps of that one and throws any error.
   */
  evaluate(context: ExpressionContext | MappingContext, facts: LookupFacts): unknown
}

export interface LookupFacts {
  readonly lookup: FindRow
}

export type ExpressionResult = { readonly kind: 'ok'; readonly expression: Expression } | Invalid
export type Invalid = { readonly kind: 'invalid' } & Mistake

/** The names of `let`; undefined for one whose expression has a mistake. */
type Lets = ReadonlyMap<string, Expression | undefined>

/** Compiles the expressions of one rules file. */
export interface Expressions {
  /** `scope`: which variables are available; default `event`. */
  compile(source: string, scope?: ExpressionScope): ExpressionResult
  /**
   * The same with names as more variables, except in mappings. `unavailable`: other names, each with the message for an
   * expression that reads it.
   */
  withNames(names: Lets, unavailable?: ReadonlyMap<string, string>): Expressions
  /** What the name of a variable would hide: an existing variable, type or function. Undefined: it is free. */
  meaningOf(name: string): 'variable' | 'function' | undefined
  /** The length of the expression at the start of `source`, up to its closing `}`; undefined if there is none. */
  lengthBeforeBrace(source: string): number | undefined
  /** All evaluations within `work` share the budget of one evaluation. */
  withSharedBudget<T>(work: () => T): T
}

/** Only this file uses the CEL library, so it can be replaced here. */
export function createExpressions({ tables }: { readonly tables: KnownTables }): Expressions {
  const budget = createBudget()
  const failureAt = createFailureAt()
  const { evaluate, findRow, withSharedBudget } = createEvaluation(budget, (error, syntax) =>
    failureOf(error, syntax, failureAt),
  )
  const functions = createFunctions(tables, findRow, budget)
  const boundMacros = createBoundMacros(budget)
  const definitions = byCallKey(functions)
  const replacements = replacementsOf(functions)

  const base = new Environment({
    unlistedVariablesAreDyn: false,
    enableOptionalTypes: true,
    limits: expressionLimits,
  })
    .registerType('Regex', { ctor: RegexNamespace, fields: {} })
    .registerConstant('regex', 'Regex', new RegexNamespace())
    .registerFunction(defaultMacro.signature, defaultMacro.expand)
  for (const { signature, insteadOf, evaluate } of functions)
    if (insteadOf === undefined) base.registerFunction(signature, evaluate, { async: false })
  const scopes = {
    event: createScope('event'),
    candidate: createScope('candidate'),
    mapping: createScope('mapping'),
  }
  type Scope = ReturnType<typeof createScope>

  function createScope(scope: ExpressionScope) {
    const environment = base.clone()
    for (const [name, shape] of Object.entries(variablesOf[scope])) registerVariable(environment, name, shape)
    const known = environment.getDefinitions().functions.map(
      ({ name, receiverType, params }): KnownFunction => ({
        name,
        receiver: receiverType ?? undefined,
        parameters: params.map(({ type }) => type),
      }),
    )
    const programs = environment.clone({ limits: boundedLimits })
    for (const { signature, expand } of boundMacros) programs.registerFunction(signature, expand)
    for (const { signature, insteadOf, evaluate } of functions)
      if (insteadOf !== undefined) programs.registerFunction(signature, evaluate, { async: false })
    const variables = fieldsOf(variablesOf[scope])
    const names: KnownNames = { scope, variables, functions: known, unavailable: new Map() }
    return { environment, programs, names, lets: noLets }
  }

  function addNames(scope: Scope, added: Lets, unavailable: ReadonlyMap<string, string>): Scope {
    const names = { ...scope.names, unavailable: new Map([...scope.names.unavailable, ...unavailable]) }
    if (names.scope === 'mapping' || added.size === 0) return { ...scope, names }
    const [environment, programs] = [scope.environment.clone(), scope.programs.clone()]
    for (const [name, expression] of added)
      for (const each of [environment, programs]) each.registerVariable(name, variableType(expression))
    const variables = {
      ...names.variables,
      ...Object.fromEntries([...added.keys()].map((name) => [name, undefined])),
    }
    return { environment, programs, names: { ...names, variables }, lets: new Map([...scope.lets, ...added]) }
  }

  function compile(source: string, { environment, programs, names, lets }: Scope): ExpressionResult {
    try {
      const parsed = environment.parse(source)
      const type = checkedType(parsed)
      const { variables } = names
      const { reads, origin } = inspect(parsed.ast, { variables, functions: definitions, tables, lets })
      const bounded = boundedSource(parsed.ast, source, replacements, reads.names.length > 0)
      const run = bounded === undefined ? parsed : programs.parse(bounded)
      if (run !== parsed) checkedType(run)
      const program = { run, root: run.ast, readsOfName: (name: string) => lets.get(name)?.reads }
      return {
        kind: 'ok',
        expression: {
          source,
          type,
          reads,
          origin,
          evaluate: (context, facts) => evaluate(program, context, facts.lookup),
        },
      }
    } catch (error) {
      if (error instanceof ExpressionMistake)
        return { kind: 'invalid', message: error.message, offset: error.offset }
      // The library limits nesting, but does not count `!` and `-`.
      if (error instanceof RangeError) return { kind: 'invalid', message: tooLarge, offset: 0 }
      if (!(error instanceof ParseError || error instanceof ExpressionTypeError)) throw error
      const { code, summary, range, node } = error
      const mistake = { code, summary, offset: range?.start ?? 0, node: isSyntax(node) ? node : undefined }
      return { kind: 'invalid', ...describeMistake(mistake, source, names) }
    }
  }

  const expressionsOf = (scopeOf: (scope: ExpressionScope) => Scope): Expressions => ({
    compile: (source, scope = 'event') => compile(source, scopeOf(scope)),
    withNames: (names, unavailable = new Map()) => {
      const extended = new Map<ExpressionScope, Scope>()
      // A scope is extended when it is first used, because that takes about 0.1 ms.
      return expressionsOf((scope) => {
        const known = extended.get(scope) ?? addNames(scopeOf(scope), names, unavailable)
        extended.set(scope, known)
        return known
      })
    },
    meaningOf: (name) => {
      const { functions } = scopes.event.names
      if (functions.some((known) => known.name === name && known.receiver === undefined)) return 'function'
      const isVariable = Object.values(scopes).some(({ environment }) => environment.hasVariable(name))
      return isVariable ? 'variable' : undefined
    },
    withSharedBudget,
    lengthBeforeBrace: (source) => {
      try {
        scopes.event.environment.parse(source)
      } catch (error) {
        const at =
          error instanceof ParseError && error.code === 'unexpected_character'
            ? error.range?.start
            : undefined
        if (at !== undefined && source[at] === '}') return at
      }
      return undefined
    },
  })
  return expressionsOf((scope) => scopes[scope])
}

const noLets: Lets = new Map()

/** The type of `regex` in `regex.extract`: the library needs a constructor for it. */
class RegexNamespace {}

function registerVariable(environment: Environment, name: string, shape: Shape | undefined): void {
  const type = `$${name}`
  if (shape === undefined) environment.registerVariable(name, 'dyn')
  else
    environment
      .registerType(type, { ctor: shape.ctor, fields: { ...shape.fields } })
      .registerVariable(name, type)
}

/** The type of a name. The library's type parameters, such as that of `list<T>` for `[]`, may be anything. */
const variableType = (expression: Expression | undefined): string =>
  expression?.type.replaceAll(/\b[A-Z]\b/g, 'dyn') ?? 'dyn'

/** The type of the expression. Throws the error of the type check. */
function checkedType(parsed: ParseResult): string {
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  return type ?? 'dyn'
}

/** Only a parsed expression has a syntax tree. */
const isSyntax = (node: ErrorLocation | undefined): node is ErrorLocation & SyntaxNode =>
  node?.op !== undefined && 'args' in node

/** An error that does not name its part of the expression is that of the whole expression. */
function failureOf(error: unknown, syntax: ExpressionSyntax, failureAt: FailureAt): ExpressionFailure {
  const { root } = syntax
  if (error instanceof EvaluationError)
    return failureAt(error.code, isSyntax(error.node) ? error.node : root, syntax)
  if (!(error instanceof ExpressionFailure)) return failureAt('evaluation_failed', root, syntax)
  return error.code === 'too_costly' ? error : failureAt(error.code, root, syntax)
}
