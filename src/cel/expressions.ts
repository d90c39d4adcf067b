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
import { ExpressionFailure } from './failure.ts'
import { createBounds } from './functions/bounds.ts'
import { defaultMacro } from './functions/default.ts'
import { byCallKey, createFunctions, replacementsOf } from './functions/functions.ts'
import type { FindRow, KnownTables } from './functions/lookup.ts'
import { ExpressionMistake } from './mistake.ts'
import type { KnownFunction } from './mistakes/mistake.ts'
import { describeMistake } from './mistakes/mistakes.ts'
import { tooLarge } from './mistakes/too-large.ts'
import { boundedSource } from './syntax/bounded.ts'
import { type Comparison, comparisonsOf } from './syntax/comparisons.ts'
import { inspect, type Reads } from './syntax/inspect.ts'
import { boundedLimits, expressionLimits } from './syntax/limits.ts'
import type { SyntaxNode } from './syntax/syntax.ts'
import { type ExpressionScope, fieldsOf, type Variable, variablesOf } from './variables.ts'

export { failureCode } from './failure.ts'

/** An expression that passed every check. */
export interface Expression {
  /** CEL type name the check derived: `bool`, `string`, `int`, `dyn` … */
  readonly type: string
  readonly reads: Reads
  /** Fields that it compares with quoted texts. */
  readonly comparisons: readonly Comparison[]
  /** Throws `ExpressionFailure`, and nothing else, where the event lacks what the expression reads, or it is too costly. */
  evaluate(context: ExpressionContext | MappingContext, facts: Facts): unknown
}

/** What expressions can look up. */
export interface Facts {
  readonly lookup: FindRow
}

export type ExpressionResult =
  | { readonly kind: 'ok'; readonly expression: Expression }
  /** `offset`: characters from the start of the expression. */
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }

/** Compiles the expressions of one rules file. */
export interface Expressions {
  /** `scope`: which variables there are; `event` if not said. */
  compile(source: string, scope?: ExpressionScope): ExpressionResult
  /** Characters before the `}` that follows the expression at the start of a text; undefined if none follows. */
  lengthBeforeBrace(source: string): number | undefined
  /** All that is evaluated meanwhile may cost no more than one expression alone. */
  together<T>(work: () => T): T
}

/** The only user of the CEL library, so that it can be replaced here alone. */
export function createExpressions({ tables }: { readonly tables: KnownTables }): Expressions {
  const budget = createBudget()
  const asFailure = createFailures()
  // The library's functions know nothing of the evaluation they are called for.
  let current: Facts | undefined
  let isShared = false
  const functions = createFunctions(tables, (table, key) => current?.lookup(table, key), budget)
  const bounds = createBounds(budget)
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
    for (const variable of variablesOf[scope]) registerVariable(environment, variable)
    const variables = fieldsOf(variablesOf[scope])
    const known = environment.getDefinitions().functions.map(
      ({ name, receiverType, params }): KnownFunction => ({
        name,
        receiver: receiverType ?? undefined,
        parameters: params.map(({ type }) => type),
      }),
    )
    const programs = environment.clone({ limits: boundedLimits })
    for (const { signature, expand } of bounds) programs.registerFunction(signature, expand)
    for (const { signature, insteadOf, evaluate } of functions)
      if (insteadOf !== undefined) programs.registerFunction(signature, evaluate, { async: false })
    return { environment, programs, variables, names: { scope, variables, functions: known } }
  }

  function compile(source: string, scope: ExpressionScope = 'event'): ExpressionResult {
    const { environment, programs, variables, names } = scopes[scope]
    try {
      const parsed = environment.parse(source)
      const type = checkedType(parsed)
      const reads = inspect(parsed.ast, { variables, functions: definitions, tables })
      const bounded = boundedSource(parsed.ast, source, replacements)
      const program = bounded === undefined ? parsed : programs.parse(bounded)
      if (program !== parsed) checkedType(program)
      return {
        kind: 'ok',
        expression: {
          type,
          reads,
          comparisons: comparisonsOf(parsed.ast),
          evaluate: (context, facts) => evaluate(program, context, facts),
        },
      }
    } catch (error) {
      if (error instanceof ExpressionMistake)
        return { kind: 'invalid', message: error.message, offset: error.offset }
      // The library counts levels of nesting, but not those of `!` and `-`.
      if (error instanceof RangeError) return { kind: 'invalid', message: tooLarge, offset: 0 }
      if (!isLibraryError(error)) throw error
      const { code, summary, range, node } = error
      const mistake = { code, summary, offset: range?.start ?? 0, node: isSyntax(node) ? node : undefined }
      return { kind: 'invalid', ...describeMistake(mistake, source, names) }
    }
  }

  function evaluate(
    program: ParseResult,
    context: ExpressionContext | MappingContext,
    facts: Facts,
  ): unknown {
    // Missing data is a common answer here, and the trace of where it was found would take longer than all the rest.
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
    together: (work) => {
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

/** The library wants a constructor for what stands before the dot of `regex.extract`. */
class RegexNamespace {}

function registerVariable(environment: Environment, { name, shape }: Variable): void {
  const type = `$${name}`
  if (shape === undefined) environment.registerVariable(name, 'dyn')
  else
    environment
      .registerType(type, { ctor: shape.ctor, fields: { ...shape.fields } })
      .registerVariable(name, type)
}

/** Throws what the check of types finds. */
function checkedType(parsed: ParseResult): string {
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  return type ?? 'dyn'
}

/** Only what could be read has a tree. */
const isSyntax = (node: ErrorLocation | undefined): node is ErrorLocation & SyntaxNode =>
  node?.op !== undefined && 'args' in node

const isLibraryError = (error: unknown): error is ParseError | ExpressionTypeError =>
  error instanceof ParseError || error instanceof ExpressionTypeError

/** One for each code: missing data is a common answer. */
function createFailures(): (error: unknown) => ExpressionFailure {
  const made = new Map<string, ExpressionFailure>()
  return (error) => {
    if (error instanceof ExpressionFailure) return error
    const code = error instanceof EvaluationError ? error.code : 'evaluation_failed'
    const failure = made.get(code) ?? new ExpressionFailure(code)
    made.set(code, failure)
    return failure
  }
}
