import { formOf, type SyntaxNode } from '../syntax/syntax.ts'
import { missing, noShortcut, type Shortcut } from './answer.ts'
import { entryOf, fieldOf, textOfEntry, textOfField } from './fields.ts'

/** A quoted text, a field that is a text, an attribute, or `default( )` of such. */
export function textShortcut(node: SyntaxNode): Shortcut<string> {
  const form = formOf(node)
  if (form.kind === 'literal') {
    const { value } = form
    return typeof value === 'string' ? () => value : noShortcut
  }
  if (form.kind === 'call')
    return form.on === undefined && form.name === 'default' ? orElse(form.args.map(textShortcut)) : noShortcut
  const field = fieldOf(node)
  if (field !== undefined) return field.type === 'string' ? textOfField(field) : noShortcut
  const entry = entryOf(node)
  return entry === undefined ? noShortcut : textOfEntry(entry)
}

function orElse([value, fallback]: readonly Shortcut<string>[]): Shortcut<string> {
  if (value === undefined || fallback === undefined || value === noShortcut) return noShortcut
  return (context) => {
    const found = value(context)
    return found === missing ? fallback(context) : found
  }
}
