import {
  type ASTNode,
  Environment,
  EvaluationError,
  TypeError as ExpressionTypeError,
  ParseError,
} from '@marcbachmann/cel-js'
import type { ConversationEvent } from '../event.ts'

/** An expression that passed the type check. */
export interface Expression {
  /** CEL type name the check derived: `bool`, `string`, `int`, `dyn` … */
  readonly type: string
  /** Throws where the event lacks what the expression reads, or holds it in another type. */
  evaluate(context: ExpressionContext): unknown
}

/** What expressions see, built once per event. */
export interface ExpressionContext {
  readonly event: Readonly<Record<string, unknown>>
  readonly participant: Readonly<Record<string, unknown>>
}

export type ExpressionResult =
  | { readonly kind: 'ok'; readonly expression: Expression }
  /** `offset`: characters from the start of the expression. */
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }

const text = 'string'
const texts = 'map<string, string>'

/** The only user of the CEL library, so that it can be replaced here alone. */
const environment = new Environment({
  unlistedVariablesAreDyn: false,
  limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 16 },
})
  .registerVariable({
    name: 'event',
    schema: {
      type: text,
      topic: text,
      id: text,
      conversationId: text,
      participantId: text,
      occurredAt: 'google.protobuf.Timestamp',
      mediaType: text,
      direction: text,
      queueId: text,
      userId: text,
      attributes: texts,
      body: 'dyn',
    },
  })
  .registerVariable({
    name: 'participant',
    schema: {
      purpose: text,
      address: text,
      ani: text,
      dnis: text,
      externalContactId: text,
      externalId: text,
      userId: text,
      queueId: text,
      attributes: texts,
    },
  })

export function compileExpression(source: string): ExpressionResult {
  try {
    const parsed = environment.parse(source)
    if (callsRegExp(parsed.ast)) {
      return {
        kind: 'invalid',
        message:
          'matches() is not available: its run time has no bound; use startsWith, endsWith, contains or ==',
        offset: source.indexOf('matches'),
      }
    }
    const check = parsed.check()
    if (!check.valid) return { kind: 'invalid', ...describe(check.error) }
    const type = check.type ?? 'dyn'
    return { kind: 'ok', expression: { type, evaluate: (context) => parsed({ ...context }) } }
  } catch (error) {
    return { kind: 'invalid', ...describe(error) }
  }
}

export const contextOf = ({
  participant,
  identity: _,
  occurredAt,
  ...event
}: ConversationEvent): ExpressionContext => ({
  event: { ...event, occurredAt: occurredAt === undefined ? undefined : new Date(occurredAt) },
  participant: { ...participant },
})

/** Why an evaluation gave no answer, for counting and logs: the library's own code, never a value. */
export const failureCode = (error: unknown): string =>
  error instanceof EvaluationError ? error.code : 'evaluation_failed'

function describe(error: unknown): { message: string; offset: number } {
  if (error instanceof ParseError || error instanceof ExpressionTypeError) {
    return { message: error.summary, offset: error.range?.start ?? error.node?.pos ?? 0 }
  }
  return { message: error instanceof Error ? error.message : String(error), offset: 0 }
}

/** JavaScript's backtracking RegExp can be made to run for ever by a hostile address or attribute. */
function callsRegExp(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(callsRegExp)
  if (typeof node !== 'object' || node === null || !('op' in node) || !('args' in node)) return false
  const { op, args } = node as Pick<ASTNode, 'op' | 'args'>
  if ((op === 'rcall' || op === 'call') && Array.isArray(args) && args[0] === 'matches') return true
  return callsRegExp(args)
}
