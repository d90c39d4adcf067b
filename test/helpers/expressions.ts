import assert from 'node:assert/strict'
import { type Candidate, contextOf, withCandidate } from '../../src/cel/context.ts'
import { createExpressions, type Expression } from '../../src/cel/expressions.ts'
import type { KnownTables } from '../../src/cel/functions/lookup.ts'
import type { ExpressionScope } from '../../src/cel/variables.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { conversationEvent } from './events.ts'

/** Tables by name, rows by key. */
export type Rows = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>

export interface Surroundings {
  readonly event?: ConversationEvent
  readonly candidate?: Candidate
  readonly rows?: Rows
  readonly tables?: KnownTables
}

const noTables: KnownTables = new Map()
const withoutTables = createExpressions({ tables: noTables })
const expressionsFor = (tables: KnownTables) =>
  tables === noTables ? withoutTables : createExpressions({ tables })

/** Compiles an expression. Fails with its mistake if it is invalid. */
export function compiled(
  source: string,
  tables: KnownTables = noTables,
  scope?: ExpressionScope,
): Expression {
  const result = expressionsFor(tables).compile(source, scope)
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.expression
}

/** The value of an expression. Throws its failure. */
export function evaluated(source: string, { event, candidate, rows, tables }: Surroundings = {}): unknown {
  const named = rows && new Map(Object.keys(rows).map((table) => [table, { columns: undefined }]))
  const known = tables ?? named ?? noTables
  const context = contextOf(event ?? conversationEvent())
  const facts = { lookup: (table: string, key: string) => rows?.[table]?.[key] }
  return candidate === undefined
    ? compiled(source, known).evaluate(context, facts)
    : compiled(source, known, 'candidate').evaluate(withCandidate(context, candidate), facts)
}

/** The mistake of an invalid expression. Fails if the expression is valid. */
export function mistakeOf(
  source: string,
  tables: KnownTables = noTables,
  scope?: ExpressionScope,
): { readonly message: string; readonly offset: number } {
  const result = expressionsFor(tables).compile(source, scope)
  assert.ok(result.kind === 'invalid', `${source} was accepted`)
  return result
}

/** The code of an expression's failure. Fails if the expression has a value. */
export function failureOf(source: string, surroundings: Surroundings = {}): string {
  let code = ''
  assert.throws(
    () => evaluated(source, surroundings),
    (error: unknown) => {
      assert.ok(
        error instanceof Error && error.name === 'ExpressionFailure' && 'code' in error,
        String(error),
      )
      code = String(error.code)
      return true
    },
    source,
  )
  return code
}
