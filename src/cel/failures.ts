import { ExpressionFailure, type FailureReason, missingCodes } from './expression-errors.ts'
import { fieldOf, fieldsIn, type ReadsOfName } from './syntax/fields.ts'
import { formOf, partsOf, type SyntaxNode } from './syntax/syntax.ts'

/** The syntax tree of an expression, and the fields behind the names in it. */
export interface ExpressionSyntax {
  readonly root: SyntaxNode
  /** What each name of `let` reads. */
  readonly readsOfName: ReadsOfName
}

/** The failure of an evaluation at a node of this expression, with the fields to name in logs and traces. */
export type FailureAt = (code: string, node: SyntaxNode, syntax: ExpressionSyntax) => ExpressionFailure

/** Missing data is common, so the last failure of each node is kept: a node nearly always fails with the same code. */
export function createFailureAt(): FailureAt {
  const lastByNode = new WeakMap<SyntaxNode, ExpressionFailure>()
  return (code, node, syntax) => {
    const last = lastByNode.get(node)
    if (last !== undefined && last.reason.code === code) return last
    const failure = new ExpressionFailure(code, causeOf(code, node, syntax))
    lastByNode.set(node, failure)
    return failure
  }
}

/** The missing field if the code says that one is missing; else all fields that the node reads, because any can be the cause. */
function causeOf(
  code: string,
  node: SyntaxNode,
  { root, readsOfName }: ExpressionSyntax,
): Omit<FailureReason, 'code'> {
  const field = missingCodes.has(code) ? fieldOf(node) : undefined
  if (field !== undefined) return { missing: [attributeRead(field, node, root) ?? field] }
  const unusable = fieldsIn(node, readsOfName)
  return unusable.length > 0 ? { unusable } : {}
}

/**
 * The attribute that the expression reads, such as `participant.attributes.tier`, if `field` is all attributes: if an event
 * has none at all, the evaluation already fails at the node of `participant.attributes`. Undefined: not such a field.
 */
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
