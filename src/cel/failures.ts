import { ExpressionFailure, type FailureReason, missingCodes } from './expression-errors.ts'
import { fieldOf, fieldsIn, type ReadsOfName } from './syntax/fields.ts'
import { formOf, partsOf, type SyntaxNode } from './syntax/syntax.ts'

/** A parsed expression. */
export interface Parsed {
  readonly root: SyntaxNode
  /** For the names of `let` that it can read. */
  readonly readsOfName: ReadsOfName
}

/**
 * Finds the fields that made the evaluation of a syntax node fail. Missing data is common, so the last failure of each node is
 * kept: a node nearly always fails with the same code.
 */
export function createFailures(): (code: string, node: SyntaxNode, parsed: Parsed) => ExpressionFailure {
  const lastByNode = new WeakMap<SyntaxNode, ExpressionFailure>()
  return (code, node, parsed) => {
    const last = lastByNode.get(node)
    if (last !== undefined && last.reason.code === code) return last
    const failure = new ExpressionFailure(code, causeOf(code, node, parsed))
    lastByNode.set(node, failure)
    return failure
  }
}

function causeOf(code: string, node: SyntaxNode, { root, readsOfName }: Parsed): Omit<FailureReason, 'code'> {
  const field = missingCodes.has(code) ? fieldOf(node) : undefined
  if (field !== undefined) return { missing: [attributeRead(field, node, root) ?? field] }
  const unusable = fieldsIn(node, readsOfName)
  return unusable.length > 0 ? { unusable } : {}
}

/** If an event has no attributes at all, the failed node is `participant.attributes`; the author needs to know which one it reads. */
function attributeRead(field: string, node: SyntaxNode, root: SyntaxNode): string | undefined {
  if (!/^\w+\.attributes$/.test(field)) return undefined
  const form = formOf(root)
  if ((form.kind === 'field' || form.kind === 'index') && form.of === node) return fieldOf(root)
  for (const part of partsOf(form)) {
    const found = attributeRead(field, node, part)
    if (found !== undefined) return found
  }
  return undefined
}
