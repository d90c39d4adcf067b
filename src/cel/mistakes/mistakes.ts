import { suggest } from '../../values/messages.ts'
import type { Mistake } from '../expression-errors.ts'
import { asAccess, formOf, type SyntaxNode, variableName } from '../syntax/syntax.ts'
import type { ExpressionScope, VariableFields } from '../variables.ts'
import { describeSpelling } from './spelling-mistakes.ts'

interface LibraryMistake {
  /** The library's error code. The choice of the message depends only on the code and the syntax. */
  readonly code: string
  /** The library's message, used if there is no better one. */
  readonly summary: string
  /** In characters, from the start of the expression. */
  readonly offset: number
  /** Present if the expression could be parsed. */
  readonly node: SyntaxNode | undefined
}

/** Names that an expression can use, for "did you mean". */
export interface KnownNames {
  readonly scope: ExpressionScope
  readonly variables: VariableFields
  readonly functions: readonly KnownFunction[]
  /** Names of `let` that the expression cannot read → the message. */
  readonly unavailable: ReadonlyMap<string, string>
}

export interface KnownFunction {
  readonly name: string
  /** The CEL type before the dot; undefined for a function without a receiver. */
  readonly receiver: string | undefined
  readonly parameters: readonly string[]
}

/**
 * Improves the library's message: suggests names, and translates the syntax of other languages to CEL. The `offset` of the
 * result can be more precise than that of the library.
 */
export function describeMistake(
  { code, summary, offset, node }: LibraryMistake,
  source: string,
  names: KnownNames,
): Mistake {
  const asReported = { message: summary, offset }
  if (node === undefined) {
    const isMethod = (text: string) =>
      names.functions.some(({ name, receiver }) => name === text && receiver === 'string')
    return describeSpelling({ code, offset }, source, isMethod) ?? asReported
  }
  const form = formOf(node)
  if (code === 'no_matching_overload' && form.kind === 'call') {
    const { name, on } = form
    return {
      message: describeCall(name, on !== undefined, summary, names.functions),
      // The tree has the start of a call, but not of the function name.
      offset: on === undefined ? node.start : Math.max(node.start, source.indexOf(name, on.end)),
    }
  }
  if (code === 'unknown_variable' && form.kind === 'name')
    return { message: describeUnknownVariable(form.name, names), offset }
  const access = code === 'no_such_key' ? asAccess(node) : undefined
  if (access?.name === undefined) return asReported
  return { message: describeNoSuchKey(access.of, access.name, summary, names), offset: access.offset }
}

/** Function of another language, in lower case → how to write it in CEL. */
const equivalents: ReadonlyMap<string, string> = new Map([
  ['not', '!'],
  ['len', 'size( )'],
  ['length', 'size( )'],
  ['count', 'size( )'],
  ['tolower', '.lower()'],
  ['tolowercase', '.lower()'],
  ['lowercase', '.lower()'],
  ['toupper', '.upper()'],
  ['touppercase', '.upper()'],
  ['uppercase', '.upper()'],
  ['includes', '.contains( )'],
  ['concat', '+'],
  ['replace', 'regex.replace( )'],
  ['tostring', 'string( )'],
  ['sha256', 'hash( )'],
  ['coalesce', 'default( )'],
  ['ifnull', 'default( )'],
  ['parsejson', 'json( )'],
  ['fromjson', 'json( )'],
  ['jsonparse', 'json( )'],
])

/** Receiver type of a namespace → its name in expressions. */
const namespaces: ReadonlyMap<string, string> = new Map([
  ['Regex', 'regex'],
  ['CelNamespace', 'cel'],
  ['OptionalNamespace', 'optional'],
])

const noClock = 'rules have no clock: use event.occurredAt, the time of the event'

/** Explains a call of an unknown function, or with arguments that no overload accepts. */
function describeCall(
  name: string,
  isMethod: boolean,
  summary: string,
  functions: readonly KnownFunction[],
): string {
  const same = functions.filter((known) => known.name === name)
  if (same.length === 0) return describeUnknownFunction(name, functions)
  // The overloads with a receiver if the call has one, else those without; all if there is none.
  const alike = same.filter(({ receiver }) => (receiver !== undefined) === isMethod)
  const usages = new Set((alike.length > 0 ? alike : same).map(printUsage))
  return `${summary}, only for ${[...usages].join(', ')}`
}

function describeUnknownFunction(name: string, functions: readonly KnownFunction[]): string {
  const other = name.toLowerCase()
  const equivalent = equivalents.get(other)
  if (equivalent !== undefined) return `there is no function ${name}: use ${equivalent}`
  if (other === 'now' || other === 'today') return noClock
  const meant = suggest(
    name,
    functions.map((known) => known.name),
  )
  const hint = meant === undefined ? 'docs/expressions.md lists all functions' : `did you mean ${meant}?`
  return `there is no function ${name}: ${hint}`
}

function printUsage({ name, receiver, parameters }: KnownFunction): string {
  // `ast` is the library's type of an unevaluated macro argument.
  const call = `${name}(${parameters.map((type) => (type === 'ast' ? 'expression' : type)).join(', ')})`
  return receiver === undefined ? call : `${namespaces.get(receiver) ?? receiver}.${call}`
}

function describeNoSuchKey(
  of: SyntaxNode,
  field: string,
  summary: string,
  { variables }: KnownNames,
): string {
  const variable = variableName(of)
  if (variable !== undefined && Object.hasOwn(variables, variable))
    return describeUnknownField(variable, field, variables)
  // The variable is from a loop or cel.bind, such as `p` for participant.
  const meant = suggest(
    field,
    Object.values(variables).flatMap((fields) => fields ?? []),
  )
  return meant === undefined ? summary : `${summary}: did you mean ${JSON.stringify(meant)}?`
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

function describeUnknownVariable(name: string, { variables, scope, unavailable }: KnownNames): string {
  const reason = unavailable.get(name)
  if (reason !== undefined) return reason
  if (name === 'candidate' && scope === 'event')
    return 'candidate exists only in target, which selects a participant'
  const lower = name.toLowerCase()
  if (lower === 'true' || lower === 'false' || lower === 'null') return `${name} must be ${lower}`
  if (lower === 'now' || lower === 'today') return noClock
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
    suggest(name, [...known, ...namespaces.values()]) ?? fields.find((known) => known.field === field)?.path
  if (meant !== undefined) return `there is no variable ${text}: did you mean ${meant}?`
  return `there is no variable ${text}: the variables are ${inWords(known)}; put a text between quotes`
}

/** `a, b and c` */
const inWords = (names: readonly string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' and $1')

/** A mapping creates the event, so it has no variable `event`. */
function describeUnknownInMapping(name: string, known: readonly string[]): string {
  const text = JSON.stringify(name)
  if (name === 'event' || name === 'participant')
    return `there is no variable ${text} in a mapping, which creates the event: read the received item from body`
  const meant = suggest(name, [...known, ...namespaces.values()]) ?? `body.${name}`
  return `there is no variable ${text}: did you mean ${meant}?`
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['int', 'a whole number'],
  ['uint', 'a whole number'],
  ['double', 'a number'],
  ['bool', 'true or false'],
  ['bytes', 'bytes'],
  ['null', 'null'],
  ['dyn', 'a value of any kind'],
  ['type', 'a type'],
  ['list', 'a list'],
  ['map', 'a map'],
  ['optional', 'a value that may be missing'],
  ['google.protobuf.Timestamp', 'a time'],
  ['google.protobuf.Duration', 'a duration'],
])

/** A CEL type in words, for "this gives …". */
export function typeName(celType: string): string {
  // The variables themselves: `$event`.
  if (celType.startsWith('$')) return `all of ${celType.slice(1)}`
  return typeNames.get(celType.replace(/<.*>$/, '')) ?? celType
}
