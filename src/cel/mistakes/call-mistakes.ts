import { suggest } from '../../values/suggest.ts'
import { formOf, type SyntaxNode } from '../syntax/syntax.ts'
import type { Description, KnownFunction, KnownNames, LibraryMistake } from './mistake.ts'

/** Functions of other languages, by their lower-case names. */
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

/** How expressions write the receiver types that stand for a namespace. */
const namespaces: ReadonlyMap<string, string> = new Map([
  ['Regex', 'regex'],
  ['CelNamespace', 'cel'],
  ['OptionalNamespace', 'optional'],
])

/** Functions that do not exist, or are called with other arguments than they take. */
export function describeCall(
  { code, summary }: LibraryMistake,
  node: SyntaxNode,
  source: string,
  { functions }: KnownNames,
): Description | undefined {
  const form = formOf(node)
  if (code !== 'no_matching_overload' || form.kind !== 'call') return undefined
  const { name, on } = form
  // The tree says where a call begins, not where its name stands.
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
    return 'rules have no clock: event.occurredAt is when the event happened'
  const meant = suggest(
    name,
    functions.map((known) => known.name),
  )
  const hint = meant === undefined ? 'docs/expressions.md lists all functions' : `did you mean ${meant}?`
  return `there is no function ${name}: ${hint}`
}

/** The overloads written like the call, with or without a receiver, if there are any; else all. */
function usagesOf(same: readonly KnownFunction[], method: boolean): readonly string[] {
  const alike = same.filter(({ receiver }) => (receiver !== undefined) === method)
  return [...new Set((alike.length > 0 ? alike : same).map(printUsage))]
}

function printUsage({ name, receiver, parameters }: KnownFunction): string {
  // The library calls an unevaluated argument of a macro `ast`.
  const call = `${name}(${parameters.map((type) => (type === 'ast' ? 'expression' : type)).join(', ')})`
  return receiver === undefined ? call : `${namespaces.get(receiver) ?? receiver}.${call}`
}
