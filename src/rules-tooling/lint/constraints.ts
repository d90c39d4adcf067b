import { contextOf } from '../../cel/context.ts'
import type { Expressions } from '../../cel/expressions.ts'
import { type Token, tokensOf } from '../../cel/syntax/tokens.ts'

/** A part of a condition that requires one variable to have one of these values, or none of them. */
export interface Constraint {
  /** The path, joined by dots: `participant.attributes["tier"]` and `participant.attributes.tier` are the same. */
  readonly variable: string
  readonly kind: 'one_of' | 'none_of'
  readonly values: readonly unknown[]
}

/**
 * Recognises `variable == "text"`, `"text" == variable`, `variable != 1`, `variable in ["a", "b"]`, `variable` and `!variable`.
 * Undefined: the expression has another form.
 */
export function constraintOf(source: string, expressions: Expressions): Constraint | undefined {
  const tokens = tokensOf(source)
  const [first, ...rest] = tokens
  if (first?.text === '!') return booleanConstraint(rest, false)
  const at = tokens.findIndex(({ kind, text }) => operators.has(text) && kind !== 'text')
  if (at === -1) return booleanConstraint(tokens, true)
  const [left, right] = [tokens.slice(0, at), tokens.slice(at + 1)]
  const operator = tokens[at]?.text
  const [path, constant] = isPath(left) ? [left, right] : [right, left]
  if (!isPath(path) || !isConstant(constant)) return undefined
  if (operator === 'in' && path !== left) return undefined
  const value = constantValue(sliceOf(source, constant), expressions)
  if (value === undefined) return undefined
  if (operator === 'in' && !Array.isArray(value)) return undefined
  return {
    variable: nameOf(path),
    kind: operator === '!=' ? 'none_of' : 'one_of',
    values: operator === 'in' && Array.isArray(value) ? value.map(comparable) : [comparable(value)],
  }
}

const operators = new Set(['==', '!=', 'in'])

const booleanConstraint = (tokens: readonly Token[], value: boolean): Constraint | undefined =>
  isPath(tokens) ? { variable: nameOf(tokens), kind: 'one_of', values: [value] } : undefined

const constantWords = new Set(['true', 'false', 'null'])

/** Whether the tokens are names joined by dots, or by brackets around a quoted text. */
const isPath = (tokens: readonly Token[]): boolean =>
  tokens[0]?.kind === 'word' &&
  !constantWords.has(tokens[0].text) &&
  /^w(\.w|\[t\])*$/.test(tokens.map(({ kind, text }) => (kind === 'sign' ? text : kind[0])).join(''))

const nameOf = (tokens: readonly Token[]): string =>
  tokens
    .filter(({ kind }) => kind !== 'sign')
    .map(({ text }) => text.replace(/^(["'])(\w+)\1$/, '$2'))
    .join('.')

/** Whether the tokens use no variables and no functions. */
export const isConstant = (tokens: readonly Token[]): boolean =>
  tokens.length > 0 &&
  tokens.every(({ kind, text }) => kind !== 'word' || constantWords.has(text) || text === 'in')

const sliceOf = (source: string, tokens: readonly Token[]): string =>
  source.slice(tokens[0]?.start, tokens.at(-1)?.end)

/** The value of a constant expression. Undefined: it does not compile, or fails. */
export function constantValue(source: string, expressions: Expressions): unknown {
  const compiled = expressions.compile(source)
  if (compiled.kind === 'invalid') return undefined
  try {
    return compiled.expression.evaluate(emptyContext, { lookup: () => undefined })
  } catch {
    return undefined
  }
}

const emptyContext = contextOf({
  identity: '',
  type: 'conversation:updated',
  conversationId: '',
  participant: {},
  body: undefined,
})

/** In CEL, 1 equals 1.0. */
const comparable = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
