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
import { ExpressionFailure, ExpressionMistake, type Mistake } from './expression-errors.ts'
import { byCallKey, createFunctions, replacementsOf } from './functions/functions.ts'
import type { FindRow, KnownTables } from './functions/lookup.ts'
import { createBoundMacros, defaultMacro } from './functions/macros.ts'
import { describeMistake, type KnownFunction } from './mistakes/mistakes.ts'
import { boundedLimits, boundedSource, expressionLimits, tooLarge } from './syntax/bounded-source.ts'
import { inspect, type Reads } from './syntax/inspect.ts'
import type { SyntaxNode } from './syntax/syntax.ts'
import { type ExpressionScope, fieldsOf, type Shape, variablesOf } from './variables.ts'

/** An expression that passed every check. */
export interface Expression {
  /** The CEL type that the type check derived: `bool`, `string`, `int`, `dyn` … */
  readonly type: string
  readonly reads: Reads
  /** As in the rules file. */
  readonly source: string
  /** Throws only `ExpressionFailure`: the event lacks a field that the expression reads, or the evaluation is too costly. */
  evaluate(context: ExpressionContext | MappingContext, facts: LookupFacts): unknown
}

export interface LookupFacts {
  readonly lookup: FindRow
}

export type ExpressionResult = { readonly kind: 'ok'; readonly expression: Expression } | Invalid
export type Invalid = { readonly kind: 'invalid' } & Mistake

/** Compiles the expressions of one rules file. */
export interface Expressions {
  /** `scope`: which variables are available; default `event`. */
  compile(source: string, scope?: ExpressionScope): ExpressionResult
  /** The length of the expression at the start of `source`, up to its closing `}`; undefined if there is none. */
  lengthBeforeBrace(source: string): number | undefined
  /** All evaluations within `work` share the budget of one evaluation. */
  withSharedBudget<T>(work: () => T): T
}

/** Only this file uses the CEL library, so it can be replaced here. */
export function createExpressions({ tables }: { readonly tables: KnownTables }): Expressions {
  const budget = createBudget()
  const asFailure = createFailures()
  // The library does not pass the evaluation to the functions that it calls.
  let current: LookupFacts | undefined
  let isShared = false
  const functions = createFunctions(tables, (table, key) => current?.lookup(table, key), budget)
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
    const names = { scope, variables: fieldsOf(variablesOf[scope]), functions: known }
    return { environment, programs, names }
  }

  function compile(source: string, scope: ExpressionScope = 'event'): ExpressionResult {
    const { environment, programs, names } = scopes[scope]
    try {
      const parsed = environment.parse(source)
      const type = checkedType(parsed)
      const reads = inspect(parsed.ast, { variables: names.variables, functions: definitions, tables })
      const bounded = boundedSource(parsed.ast, source, replacements)
      const program = bounded === undefined ? parsed : programs.parse(bounded)
      if (program !== parsed) checkedType(program)
      return {
        kind: 'ok',
        expression: { source, type, reads, evaluate: (context, facts) => evaluate(program, context, facts) },
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

  function evaluate(
    program: ParseResult,
    context: ExpressionContext | MappingContext,
    facts: LookupFacts,
  ): unknown {
    // Failures are common here (missing data), and capturing a stack trace takes longer than the evaluation.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    current = facts
    if (!isShared) budget.reset()
    try {
      const value: unknown = program(context)
      if (budget.exhausted()) throw new ExpressionFailure('too_costly')
      return value
    } catch (error) {
      throw asFailure(error)
    } finally {
      current = undefined
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  return {
    compile,
    withSharedBudget: (work) => {
      budget.reset()
      isShared = true
      try {
        return work()
      } finally {
        isShared = false
      }
    },
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
  }
}

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

/** The type of the expression. Throws the error of the type check. */
function checkedType(parsed: ParseResult): string {
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  return type ?? 'dyn'
}

/** Only a parsed expression has a syntax tree. */
const isSyntax = (node: ErrorLocation | undefined): node is ErrorLocation & SyntaxNode =>
  node?.op !== undefined && 'args' in node

/** Reuses one failure per code: missing data is common. */
function createFailures(): (error: unknown) => ExpressionFailure {
  const byCode = new Map<string, ExpressionFailure>()
  return (error) => {
    if (error instanceof ExpressionFailure) return error
    const code = error instanceof EvaluationError ? error.code : 'evaluation_failed'
    const failure = byCode.get(code) ?? new ExpressionFailure(code)
    byCode.set(code, failure)
    return failure
  }
}
