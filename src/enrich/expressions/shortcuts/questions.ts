import { formOf, type SyntaxForm, type SyntaxNode } from '../syntax/syntax.ts'
import { missing, noShortcut, type Shortcut } from './answer.ts'
import { entryOf, fieldOf, textOfField, textsOfField, textsType } from './fields.ts'
import { textShortcut } from './texts.ts'

type Call = Extract<SyntaxForm, { kind: 'call' }>

const comparisons: Readonly<Record<string, (one: string, other: string) => boolean>> = {
  '==': (one, other) => one === other,
  '!=': (one, other) => one !== other,
}

const searches: Readonly<Record<string, (text: string, sought: string) => boolean>> = {
  startsWith: (text, sought) => text.startsWith(sought),
  endsWith: (text, sought) => text.endsWith(sought),
  contains: (text, sought) => text.includes(sought),
}

/** `text == text`, `text != text`, `text in ["…", "…"]`, `text in participant.attributes`. */
export function comparisonShortcut(operator: string, left: SyntaxNode, right: SyntaxNode): Shortcut<boolean> {
  if (operator === 'in') return membership(textShortcut(left), right)
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined
  return compare === undefined ? noShortcut : ofTwo(textShortcut(left), textShortcut(right), compare)
}

/** `text.startsWith(text)`, `text.endsWith(text)`, `text.contains(text)`, `has(event.queueId)`, `has(event.attributes.x)`. */
export function callShortcut({ name, on, args }: Call): Shortcut<boolean> {
  const [argument, ...others] = args
  if (argument === undefined || others.length > 0) return noShortcut
  if (on === undefined) return name === 'has' ? presence(argument) : noShortcut
  const search = Object.hasOwn(searches, name) ? searches[name] : undefined
  return search === undefined ? noShortcut : ofTwo(textShortcut(on), textShortcut(argument), search)
}

function ofTwo(
  one: Shortcut<string>,
  other: Shortcut<string>,
  ask: (one: string, other: string) => boolean,
): Shortcut<boolean> {
  if (one === noShortcut || other === noShortcut) return noShortcut
  return (context) => {
    const first = one(context)
    if (typeof first !== 'string') return first
    const second = other(context)
    return typeof second === 'string' ? ask(first, second) : second
  }
}

function membership(text: Shortcut<string>, within: SyntaxNode): Shortcut<boolean> {
  if (text === noShortcut) return noShortcut
  const form = formOf(within)
  if (form.kind === 'list') {
    const elements = form.elements.map(formOf)
    if (!elements.every((element) => element.kind === 'literal' && typeof element.value === 'string'))
      return noShortcut
    const known = new Set(elements.map((element) => element.kind === 'literal' && element.value))
    return (context) => {
      const found = text(context)
      return typeof found === 'string' ? known.has(found) : found
    }
  }
  const field = fieldOf(within)
  if (field?.type !== textsType) return noShortcut
  const texts = textsOfField(field)
  return (context) => {
    const found = text(context)
    if (typeof found !== 'string') return found
    const all = texts(context)
    return all === undefined || all === missing ? all : Object.hasOwn(all, found) && all[found] !== undefined
  }
}

function presence(argument: SyntaxNode): Shortcut<boolean> {
  const field = fieldOf(argument)
  if (field?.type === 'string') return isThere(textOfField(field))
  if (field?.type === textsType) return isThere(textsOfField(field))
  const entry = entryOf(argument)
  if (entry === undefined) return noShortcut
  const texts = textsOfField(entry.field)
  return (context) => {
    const all = texts(context)
    if (all === undefined || all === missing) return all
    const value = Object.hasOwn(all, entry.name) ? all[entry.name] : undefined
    if (value === undefined) return false
    return typeof value === 'string' ? true : undefined
  }
}

const isThere =
  (value: Shortcut<unknown>): Shortcut<boolean> =>
  (context) => {
    const found = value(context)
    return found === undefined ? undefined : found !== missing
  }
