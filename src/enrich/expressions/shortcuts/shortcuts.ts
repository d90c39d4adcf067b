import type { ExpressionContext } from '../context.ts'
import { ExpressionFailure } from '../failure.ts'
import { formOf, type SyntaxNode } from '../syntax/syntax.ts'
import { missing, noShortcut, type Shortcut } from './answer.ts'
import { fieldOf, truthOfField } from './fields.ts'
import { callShortcut, comparisonShortcut } from './questions.ts'
import { textShortcut } from './texts.ts'

type Evaluate<Facts> = (context: ExpressionContext, facts: Facts) => unknown

/**
 * Answers expressions that compare fields and attributes with texts, as most do, without the CEL library: to find that
 * something is missing, as it often is, takes the library microseconds, since it makes an error with the source in it.
 * What is not of these forms, and data that is not of the type that was declared, is left to the library (`ask`). Only for
 * expressions that the library has found to be correct, and whose cost needs no bound.
 */
export function withShortcut<Facts>(root: SyntaxNode, ask: Evaluate<Facts>): Evaluate<Facts> {
  const text = textShortcut(root)
  const shortcut: Shortcut<string | boolean> = text === noShortcut ? truthShortcut(root) : text
  if (shortcut === noShortcut) return ask
  const missingData = new ExpressionFailure('no_such_key')
  return (context, facts) => {
    const answer = shortcut(context)
    if (answer === missing) throw missingData
    return answer === undefined ? ask(context, facts) : answer
  }
}

function truthShortcut(node: SyntaxNode): Shortcut<boolean> {
  const form = formOf(node)
  switch (form.kind) {
    case 'literal': {
      const { value } = form
      return typeof value === 'boolean' ? () => value : noShortcut
    }
    case 'prefix':
      return form.operator === '!' ? negation(truthShortcut(form.operand)) : noShortcut
    case 'infix':
      return form.operator === '&&' || form.operator === '||'
        ? junction(truthShortcut(form.left), truthShortcut(form.right), form.operator === '||')
        : comparisonShortcut(form.operator, form.left, form.right)
    case 'call':
      return callShortcut(form)
    default: {
      const field = fieldOf(node)
      return field?.type === 'bool' ? truthOfField(field) : noShortcut
    }
  }
}

function negation(truth: Shortcut<boolean>): Shortcut<boolean> {
  if (truth === noShortcut) return noShortcut
  return (context) => {
    const found = truth(context)
    return typeof found === 'boolean' ? !found : found
  }
}

/** `&&` is decided by a side that is false, `||` by one that is true, whatever the other side lacks. */
function junction(one: Shortcut<boolean>, other: Shortcut<boolean>, decisive: boolean): Shortcut<boolean> {
  if (one === noShortcut) return noShortcut
  return (context) => {
    const first = one(context)
    if (first === decisive || first === undefined) return first
    const second = other(context)
    return second === !decisive ? first : second
  }
}
