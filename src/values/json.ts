/** Deeper than any real event. Very deep nesting would exhaust the stack of recursive code. */
const maxDepth = 64

const byteOrderMark = 0xfeff

export type Json =
  | { readonly kind: 'json'; readonly value: unknown }
  /** `why` never quotes the text. Undefined: a syntax error. */
  | { readonly kind: 'invalid'; readonly why?: string }

/** Reads JSON from a request or file: UTF-8, with or without a byte order mark. */
export const readJson = (bytes: Buffer): Json => readJsonText(bytes.toString('utf8'))

/** Reads JSON text, with or without a byte order mark. */
export function readJsonText(source: string): Json {
  const text = source.charCodeAt(0) === byteOrderMark ? source.slice(1) : source
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'invalid' } // the parser's own message quotes the text
  }
  const why = opensMoreThan(text, maxDepth + 1) ? whyTooDeep(value) : undefined
  return why === undefined ? { kind: 'json', value } : { kind: 'invalid', why }
}

/**
 * Unwraps JSON that a sender encoded twice: a string with a JSON object or array becomes that object or array, once.
 * Every other value is returned unchanged. The result is invalid only if the inner value is nested too deep.
 */
export function unwrapJson(value: unknown): Json {
  if (typeof value === 'string') {
    const inner = readJsonText(value)
    if (inner.kind === 'json' ? isContainer(inner.value) : inner.why !== undefined) return inner
  }
  return { kind: 'json', value }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  isContainer(value) && !Array.isArray(value)

export const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The problem of a parsed value that is nested too deep; undefined if it is not. */
export const whyTooDeep = (value: unknown): string | undefined =>
  isDeeperThan(value, maxDepth + 1) ? `nested deeper than ${maxDepth} levels` : undefined

/** Whether the text has more opening brackets than `most`: a fast check before measuring the depth. */
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

/** Whether lists and objects are nested in more than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (!isContainer(value)) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (isDeeperThan(child, levels - 1)) return true
  return false
}
