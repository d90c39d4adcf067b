import { isObject } from '../values/json.ts'
import type { ExpressionContext } from './context.ts'
import { type Token, tokensOf } from './syntax/tokens.ts'

/**
 * The first field that a failed expression reads and its variables lack, as in `event.topic`. Contains names of fields only.
 * Undefined: every field is present, or the expression computes which field it reads.
 */
export function missingField(source: string, context: ExpressionContext): string | undefined {
  const tokens = tokensOf(source)
  for (const [at, token] of tokens.entries()) {
    const isMember = tokens[at - 1]?.text === '.'
    // has() is false for a missing field and does not fail.
    const isTested = tokens[at - 1]?.text === '(' && tokens[at - 2]?.text === 'has'
    if (token.kind !== 'word' || isMember || isTested || !isVariable(token.text, context)) continue
    const missing = firstMissing(token.text, namesAfter(tokens, at), context[token.text])
    if (missing !== undefined) return missing
  }
  return undefined
}

const isVariable = (name: string, context: ExpressionContext): name is keyof ExpressionContext =>
  Object.hasOwn(context, name)

function firstMissing(variable: string, names: readonly string[], fields: unknown): string | undefined {
  let path = variable
  let value = fields
  for (const name of names) {
    if (!isObject(value)) return undefined
    path += /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
    // `in` also finds the getter of `event.body`.
    value = name in value ? value[name] : undefined
    if (value === undefined) return path
  }
  return undefined
}

/** The names in `.topic` and `["name"]` after a variable, up to a call or an index that is not a quoted text. */
function namesAfter(tokens: readonly Token[], variable: number): readonly string[] {
  const names: string[] = []
  for (let at = variable + 1; ; ) {
    const [sign, name, end] = tokens.slice(at, at + 3)
    if (sign?.text === '.' && name?.kind === 'word' && end?.text !== '(') {
      names.push(name.text)
      at += 2
    } else if (sign?.text === '[' && name?.kind === 'text' && end?.text === ']') {
      const text = /^["']([^"'\\]*)["']$/.exec(name.text)?.[1]
      if (text === undefined) return names
      names.push(text)
      at += 3
    } else return names
  }
}
