import { suggest } from '../../values/suggest.ts'
import { formOf, quotedText, type SyntaxNode } from '../syntax/syntax.ts'
import type { VariableFields } from '../variables.ts'
import type { Description, KnownNames, LibraryMistake } from './library-mistake.ts'

/** Namespaces of functions. */
const namespaces = ['regex', 'cel', 'optional']

/** Explains an unknown variable or field. */
export function describeName(
  { code, summary, offset }: LibraryMistake,
  node: SyntaxNode,
  { variables, scope }: KnownNames,
): Description | undefined {
  const form = formOf(node)
  if (code === 'unknown_variable' && form.kind === 'name')
    return { message: describeUnknownVariable(form.name, variables, scope), offset }
  if (code !== 'no_such_key' || (form.kind !== 'field' && form.kind !== 'index')) return undefined
  const owner = formOf(form.of)
  const field = form.kind === 'field' ? form.name : quotedText(form.at)
  if (field === undefined) return undefined
  const isVariable = owner.kind === 'name' && Object.hasOwn(variables, owner.name)
  // Otherwise the variable is from a loop or cel.bind, such as `p` for participant.
  const meant = suggest(
    field,
    Object.values(variables).flatMap((fields) => fields ?? []),
  )
  return {
    message: isVariable
      ? describeUnknownField(owner.name, field, variables)
      : `${summary}${meant === undefined ? '' : `: did you mean ${JSON.stringify(meant)}?`}`,
    offset: form.kind === 'field' ? node.end - field.length : form.at.start,
  }
}

export function describeUnknownField(variable: string, field: string, variables: VariableFields): string {
  return `${variable} has no field ${JSON.stringify(field)}: ${hintForField(variable, field, variables) ?? `its fields are ${(variables[variable] ?? []).join(', ')}`}`
}

function hintForField(variable: string, field: string, variables: VariableFields): string | undefined {
  if (Object.hasOwn(variables, field))
    return `${field} is a variable: write ${field} without ${variable} before it`
  const meant = suggest(field, variables[variable] ?? [])
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`
  const owner = Object.keys(variables).find((name) => variables[name]?.includes(field))
  return owner === undefined ? undefined : `did you mean ${owner}.${field}?`
}

function describeUnknownVariable(
  name: string,
  variables: VariableFields,
  scope: KnownNames['scope'],
): string {
  if (name === 'candidate' && scope === 'event')
    return 'candidate exists only in target, which selects a participant'
  const lower = name.toLowerCase()
  if (lower === 'true' || lower === 'false' || lower === 'null') return `${name} must be ${lower}`
  if (lower === 'now' || lower === 'today')
    return 'rules have no clock: use event.occurredAt, the time of the event'
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
  return `there is no variable ${text}: the variables are ${known.join(' and ')}; put a text between quotes`
}

/** A mapping creates the event, so it has no variable `event`. */
function describeUnknownInMapping(name: string, known: readonly string[]): string {
  const text = JSON.stringify(name)
  if (name === 'event' || name === 'participant')
    return `there is no variable ${text} in a mapping, which creates the event: read the received item from body`
  const meant = suggest(name, [...known, ...namespaces]) ?? `body.${name}`
  return `there is no variable ${text}: did you mean ${meant}?`
}
