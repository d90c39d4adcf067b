import { suggest } from '../../suggest.ts'
import { formOf, quotedText, type SyntaxNode } from '../syntax/syntax.ts'
import type { VariableFields } from '../variables.ts'
import type { Description, KnownNames, LibraryMistake } from './mistake.ts'

/** What stands before the dot of functions that belong together. */
const namespaces = ['regex', 'cel', 'optional']

/** Variables and fields that do not exist. */
export function describeName(
  { code, offset }: LibraryMistake,
  node: SyntaxNode,
  { variables, scope }: KnownNames,
): Description | undefined {
  const form = formOf(node)
  if (code === 'unknown_variable' && form.kind === 'name')
    return { message: describeUnknownVariable(form.name, variables, scope), offset }
  if (code !== 'no_such_key' || (form.kind !== 'field' && form.kind !== 'index')) return undefined
  const of = formOf(form.of)
  const field = form.kind === 'field' ? form.name : quotedText(form.at)
  const fields = of.kind === 'name' ? variables[of.name] : undefined
  if (of.kind !== 'name' || fields === undefined || field === undefined) return undefined
  return {
    message: describeUnknownField(of.name, field, fields),
    offset: form.kind === 'field' ? node.end - field.length : form.at.start,
  }
}

export function describeUnknownField(variable: string, field: string, fields: readonly string[]): string {
  const meant = suggest(field, fields)
  const hint =
    meant === undefined ? `its fields are ${fields.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`
  return `${variable} has no field ${JSON.stringify(field)}: ${hint}`
}

function describeUnknownVariable(
  name: string,
  variables: VariableFields,
  scope: KnownNames['scope'],
): string {
  if (name === 'candidate' && scope === 'event')
    return 'candidate is known only where a rule chooses among the participants, in target'
  const lower = name.toLowerCase()
  if (lower === 'true' || lower === 'false' || lower === 'null') return `${name} must be ${lower}`
  if (lower === 'now' || lower === 'today')
    return 'rules have no clock: event.occurredAt is when the event happened'
  const known = Object.keys(variables)
  const text = JSON.stringify(name)
  if (scope === 'mapping') return describeUnknownInMapping(name, known)
  const fields = known
    .toReversed()
    .flatMap((owner) => (variables[owner] ?? []).map((field) => ({ field, path: `${owner}.${field}` })))
  const field = suggest(
    name,
    fields.map(({ field }) => field),
  )
  const meant =
    suggest(name, [...known, ...namespaces]) ?? fields.find((known) => known.field === field)?.path
  if (meant !== undefined) return `there is no variable ${text}: did you mean ${meant}?`
  return `there is no variable ${text}: variables are ${known.join(' and ')}, and a text stands between quotes`
}

/** A mapping makes the event: there is none yet. */
function describeUnknownInMapping(name: string, known: readonly string[]): string {
  const text = JSON.stringify(name)
  if (name === 'event' || name === 'participant')
    return `${text} is what the mapping makes: it reads the item as it came, which is body`
  const meant = suggest(name, [...known, ...namespaces]) ?? `body.${name}`
  return `there is no variable ${text}: did you mean ${meant}?`
}
