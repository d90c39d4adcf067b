/** Deeper than any real event; deep enough nesting would exhaust the stack of whoever walks the value. */
const maxDepth = 64

export type Json =
  | { readonly kind: 'json'; readonly value: unknown }
  /** `why` never quotes the text. */
  | { readonly kind: 'invalid'; readonly why?: string }

/** Reads JSON that came from outside. */
export function readJson(bytes: Buffer): Json {
  let text: string
  let value: unknown
  try {
    text = bytes.toString('utf8')
    value = JSON.parse(text)
  } catch {
    return { kind: 'invalid' } // the parser's own message quotes the text
  }
  const why = opensMoreThan(text, maxDepth + 1) ? whyTooDeep(value) : undefined
  return why === undefined ? { kind: 'json', value } : { kind: 'invalid', why }
}

/** Why data is refused that was read elsewhere, if it is. */
export const whyTooDeep = (value: unknown): string | undefined =>
  deeperThan(value, maxDepth + 1) ? `nested deeper than ${maxDepth} levels` : undefined

/** Whether the text has so many brackets that its value may be as deep; quicker to see than how deep it is. */
function opensMoreThan(text: string, most: number): boolean {
  let brackets = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      brackets += 1
      if (brackets > most) return true
    }
  }
  return false
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (deeperThan(child, levels - 1)) return true
  return false
}
