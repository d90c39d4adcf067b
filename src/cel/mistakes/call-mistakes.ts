import { suggest } from '../../values/suggest.ts'
import { formOf, type SyntaxNode } from '../syntax/syntax.ts'
import type { Description, KnownFunction, KnownNames, LibraryMistake } from './library-mistake.ts'

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

/** Explains a call of an unknown function, or with arguments that no overload accepts. */
export function describeCall(
  { code, summary }: LibraryMistake,
  node: SyntaxNode,
  source: string,
  { functions }: KnownNames,
): Description | undefined {
  const form = formOf(node)
  if (code !== 'no_matching_overload' || form.kind !== 'call') return undefined
  const { name, on } = form
  // The tree has the start of a call, but not of the function name.
  const offset = on === undefined ? node.start : Math.max(node.start, source.indexOf(name, on.end))
  const same = functions.filter((known) => known.name === name)
  if (same.length === 0) return { message: describeUnknown(name, functions), offset }
  return { message: `${summary}, only for ${usagesOf(same, on !== undefined).join(', ')}`, offset }
}

function describeUnknown(name: string, functions: readonly KnownFunction[]): string {
  const other = name.toLowerCase()
  const equivalent = equivalents.get(other)
  if (equivalent !== undefined) return `there is no function ${name}: use ${equivalent}`
  if (other === 'now' || other === 'today')
    return 'rules have no clock: use event.occurredAt, the time of the event'
  const meant = suggest(
    name,
    functions.map((known) => known.name),
  )
  const hint = meant === undefined ? 'docs/expressions.md lists all functions' : `did you mean ${meant}?`
  return `there is no function ${name}: ${hint}`
}

/** The overloads with a receiver if the call has one, else those without; all if there is none. */
function usagesOf(same: readonly KnownFunction[], method: boolean): readonly string[] {
  const alike = same.filter(({ receiver }) => (receiver !== undefined) === method)
  return [...new Set((alike.length > 0 ? alike : same).map(printUsage))]
}

function printUsage({ name, receiver, parameters }: KnownFunction): string {
  // `ast` is the library's type of an unevaluated macro argument.
  const call = `${name}(${parameters.map((type) => (type === 'ast' ? 'expression' : type)).join(', ')})`
  return receiver === undefined ? call : `${namespaces.get(receiver) ?? receiver}.${call}`
}
