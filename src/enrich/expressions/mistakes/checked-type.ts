import type { SyntaxNode } from '../syntax/syntax.ts'

/** The type that the library found for a part before it stopped; it notes it on the part, but does not promise to. */
export function checkedType(node: SyntaxNode): string | undefined {
  if (!('checkedType' in node)) return undefined
  const { checkedType: type } = node
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : undefined
}
