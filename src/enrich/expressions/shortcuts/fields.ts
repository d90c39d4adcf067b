import type { ExpressionContext } from '../context.ts'
import { formOf, quotedText, type SyntaxNode } from '../syntax/syntax.ts'
import { variablesOf } from '../variables.ts'
import { missing, type Shortcut } from './answer.ts'

/** A field of a variable: `event.topic`, `event["topic"]`. */
export interface Field {
  readonly variable: string
  readonly name: string
  /** As the CEL library names it. */
  readonly type: string
}

/** One of the values in a field that is a map of texts: `participant.attributes.tier`. */
export interface Entry {
  readonly field: Field
  readonly name: string
}

/** Of the fields that hold attributes. */
export const textsType = 'map<string, string>'

export type Texts = Readonly<Record<string, unknown>>

const variables = new Map(variablesOf.candidate.map(({ name, shape }) => [name, shape?.fields]))

export function fieldOf(node: SyntaxNode): Field | undefined {
  const access = accessOf(node)
  const owner = access && formOf(access.of)
  if (access === undefined || owner?.kind !== 'name') return undefined
  const type = variables.get(owner.name)?.[access.name]
  return type === undefined ? undefined : { variable: owner.name, name: access.name, type }
}

export function entryOf(node: SyntaxNode): Entry | undefined {
  const access = accessOf(node)
  const field = access && fieldOf(access.of)
  return field?.type === textsType ? { field, name: access?.name ?? '' } : undefined
}

function accessOf(node: SyntaxNode): { readonly of: SyntaxNode; readonly name: string } | undefined {
  const form = formOf(node)
  if ((form.kind !== 'field' && form.kind !== 'index') || form.optional) return undefined
  const name = form.kind === 'field' ? form.name : quotedText(form.at)
  return name === undefined ? undefined : { of: form.of, name }
}

export const textOfField = (field: Field): Shortcut<string> =>
  valueOfField(field, (value) => typeof value === 'string')

export const truthOfField = (field: Field): Shortcut<boolean> =>
  valueOfField(field, (value) => typeof value === 'boolean')

/** Not of an object with a key that is named `constructor`: see plain-data.ts. */
export const textsOfField = (field: Field): Shortcut<Texts> => valueOfField(field, isTexts)

function isTexts(value: unknown): value is Texts {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value.constructor === Object || value.constructor === undefined)
  )
}

export function textOfEntry({ field, name }: Entry): Shortcut<string> {
  const texts = textsOfField(field)
  return (context) => {
    const all = texts(context)
    if (all === undefined || all === missing) return all
    const value = Object.hasOwn(all, name) ? all[name] : undefined
    if (value === undefined) return missing
    return typeof value === 'string' ? value : undefined
  }
}

/** What is of another type than declared is left to the CEL library, which knows the code for it. */
function valueOfField<T>({ variable, name }: Field, isRight: (value: unknown) => value is T): Shortcut<T> {
  const owner = ownerOf(variable)
  return (context) => {
    const fields = owner(context)
    if (fields === undefined) return undefined
    const value: unknown = fields[name as keyof typeof fields]
    if (value === undefined) return missing
    return isRight(value) ? value : undefined
  }
}

function ownerOf(variable: string): (context: ExpressionContext) => object | undefined {
  if (variable === 'event') return ({ event }) => event
  if (variable === 'participant') return ({ participant }) => participant
  return ({ candidate }) => candidate
}
