/** Deeper than any real event; deep enough nesting would exhaust the stack of whoever walks the value. */
const maxDepth = 64

export type Json =
  | { readonly kind: 'json'; readonly value: unknown }
  /** `why` never quotes the text. */
  | { readonly kind: 'invalid'; readonly why?: string }

/** Reads JSON that came from outside. */
export function readJson(bytes: Buffer): Json {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return { kind: 'invalid' } // the parser's own message quotes the text
  }
  const why = whyTooDeep(value)
  return why === undefined ? { kind: 'json', value } : { kind: 'invalid', why }
}

/** Why data is refused that was read elsewhere, if it is. */
export const whyTooDeep = (value: unknown): string | undefined =>
  deeperThan(value, maxDepth + 1) ? `nested deeper than ${maxDepth} levels` : undefined

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (deeperThan(child, levels - 1)) return true
  return false
}
