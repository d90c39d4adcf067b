import { suggest } from '../../suggest.ts'
import { formOf, type SyntaxNode } from '../syntax/syntax.ts'
import { tokensOf } from '../syntax/tokens.ts'
import { checkedType } from './checked-type.ts'
import type { Description, KnownFunction, KnownNames, LibraryMistake } from './mistake.ts'
import { bareTypeName } from './type-names.ts'

/** What functions of other languages are here. */
const elsewhere: Readonly<Record<string, string>> = {
  not: '!',
  len: 'size( )',
  length: 'size( )',
  count: 'size( )',
  tolower: '.lower()',
  tolowercase: '.lower()',
  lowercase: '.lower()',
  toupper: '.upper()',
  touppercase: '.upper()',
  uppercase: '.upper()',
  includes: '.contains( )',
  concat: '+',
  replace: 'regex.replace( )',
  tostring: 'string( )',
  sha256: 'hash( )',
  coalesce: 'default( )',
  ifnull: 'default( )',
  parsejson: 'json( )',
  fromjson: 'json( )',
  jsonparse: 'json( )',
}

/** How macros are called; the library only says that they take parts of an expression. */
const macros: Readonly<Record<string, string>> = {
  has: 'has(event.queueId)',
  default: 'default(value, fallback)',
  exists: 'list.exists(x, condition)',
  all: 'list.all(x, condition)',
  exists_one: 'list.exists_one(x, condition)',
  filter: 'list.filter(x, condition)',
  map: 'list.map(x, value)',
  bind: 'cel.bind(x, value, expression)',
  or: 'event.?a.or(event.?b)',
  orValue: 'event.?a.orValue(value)',
}
const namespaces: Readonly<Record<string, string>> = {
  Regex: 'regex',
  CelNamespace: 'cel',
  OptionalNamespace: 'optional',
}

/** Functions that do not exist, or are called with something else than they take. */
export function describeCall(
  { code }: LibraryMistake,
  node: SyntaxNode,
  source: string,
  { functions }: KnownNames,
): Description | undefined {
  const form = formOf(node)
  if (code === 'invalid_macro_argument' || code === 'unknown_variable') {
    const name = callAround(node, source)
    const usage = Object.hasOwn(macros, name) ? macros[name] : undefined
    if (usage === undefined || (code === 'unknown_variable' && !usage.includes('(x, '))) return undefined
    return { message: `${name} is used as ${usage}`, offset: node.start }
  }
  if (form.kind !== 'call') return undefined
  const place = { offset: placeOfName(form.name, form.on, node, source) }
  const usage = Object.hasOwn(macros, form.name) ? macros[form.name] : undefined
  if (code !== 'no_matching_overload') return undefined
  const same = functions.filter(({ name }) => name === form.name)
  if (same.length === 0) return { ...place, message: describeUnknown(form.name, functions) }
  if (usage !== undefined) return { ...place, message: `${form.name} is used as ${usage}` }
  const usages = usagesOf(same, form.on !== undefined).join(' or ')
  const types = form.args.map((argument) => bareTypeName(checkedType(argument) ?? 'dyn'))
  const on = form.on === undefined ? '' : `${bareTypeName(checkedType(form.on) ?? 'dyn')}.`
  return {
    ...place,
    message: `${form.name} is used as ${usages}, but here as ${on}${form.name}(${types.join(', ')})`,
  }
}

function describeUnknown(name: string, functions: readonly KnownFunction[]): string {
  const other = name.toLowerCase()
  if (Object.hasOwn(elsewhere, other)) return `there is no function ${name}: use ${elsewhere[other]}`
  if (other === 'now' || other === 'today')
    return 'rules have no clock: event.occurredAt is when the event happened'
  const meant = suggest(
    name,
    functions.map((known) => known.name),
  )
  const hint = meant === undefined ? 'docs/expressions.md tells which there are' : `did you mean ${meant}?`
  return `there is no function ${name}: ${hint}`
}

/** Those that are written like the call, if there are any; bytes only where there is nothing else. */
function usagesOf(same: readonly KnownFunction[], method: boolean): string[] {
  const alike = same.filter(({ receiver }) => (receiver !== undefined) === method)
  const usages = [...new Set((alike.length > 0 ? alike : same).map(printUsage))]
  const common = usages.filter((usage) => !usage.includes('bytes'))
  return common.length > 0 ? common : usages
}

function printUsage({ name, receiver, parameters }: KnownFunction): string {
  const call = `${name}(${parameters.map(bareTypeName).join(', ')})`
  if (receiver === undefined) return call
  return `${Object.hasOwn(namespaces, receiver) ? namespaces[receiver] : bareTypeName(receiver)}.${call}`
}

/** The function whose first argument this is. */
function callAround(node: SyntaxNode, source: string): string {
  const before = tokensOf(source).filter(({ end }) => end <= node.start)
  return before.findLast(({ text }) => text !== '(')?.text ?? ''
}

/** The tree says where a call begins, and not where its name stands. */
function placeOfName(name: string, on: SyntaxNode | undefined, node: SyntaxNode, source: string): number {
  if (on === undefined) return node.start
  const named = tokensOf(source).find(({ start, text }) => start >= on.end && text === name)
  return named?.start ?? node.start
}
