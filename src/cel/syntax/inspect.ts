import type { FunctionDefinition } from '../functions/definition.ts'
import { type KnownTables, problemOfColumn } from '../functions/lookup.ts'
import { ExpressionMistake } from '../mistake.ts'
import { describeUnknownField } from '../mistakes/name-mistakes.ts'
import { typeName } from '../mistakes/type-names.ts'
import type { VariableFields } from '../variables.ts'
import { asBinding, asLoop, variableName } from './macros.ts'
import { callKey, formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** What an expression reads, as its text tells. */
export interface Reads {
  /** Lookup tables, each once. */
  readonly tables: readonly string[]
  /** Whether it may read the attributes that the event reports of the participant. */
  readonly participantAttributes: boolean
}

/** What is known where an expression stands. */
export interface Surroundings {
  readonly variables: VariableFields
  /** By call key. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>
  readonly tables: KnownTables
}

/** Types of CEL whose fields can be read. Of all others the library reads what their JavaScript objects have. */
const hasFields = /^(dyn|map|list|optional|\$)/

/** Names given by `cel.bind` to rows of lookup tables. */
type Rows = ReadonlyMap<string, string>

/**
 * Looks at what types do not tell, in an expression whose types are right: arguments that have to be quoted texts, columns
 * of lookup tables, names that are taken. Throws an `ExpressionMistake` for the first that is wrong.
 */
export function inspect(root: SyntaxNode, { variables, functions, tables }: Surroundings): Reads {
  const tablesRead = new Set<string>()
  let participantAttributes = false

  function visit(node: SyntaxNode, rows: Rows): void {
    const form = formOf(node)
    const loop = asLoop(form)
    const binding = asBinding(form)
    if (loop !== undefined) {
      checkName(loop.variable)
      visit(loop.list, rows)
      const inside = withRow(rows, variableName(loop.variable), undefined)
      for (const part of loop.body) visit(part, inside)
    } else if (binding !== undefined) {
      checkName(binding.variable)
      visit(binding.value, rows)
      visit(binding.body, withRow(rows, variableName(binding.variable), tableOf(binding.value, rows)))
    } else {
      look(node, form, rows)
      for (const part of partsOf(form)) visit(part, rows)
    }
  }

  function look(node: SyntaxNode, form: SyntaxForm, rows: Rows): void {
    if (form.kind === 'field' || form.kind === 'index') lookAtAccess(node, form, rows)
    else if (form.kind === 'call') lookAtCall(form)
    else if (form.kind === 'infix' && form.operator === 'in' && tableOf(form.right, rows) !== undefined)
      throw new ExpressionMistake(
        'every column of a lookup can be read, and is "" where there is nothing: compare it with ""',
        form.right.start,
      )
    // As a whole, it may be read by another name. Its fields do not come here: see lookAtAccess.
    else if (form.kind === 'name' && form.name === 'participant' && !accessed.has(node))
      participantAttributes = true
  }

  const accessed = new Set<SyntaxNode>()

  function lookAtAccess(
    node: SyntaxNode,
    form: SyntaxForm & { readonly kind: 'field' | 'index' },
    rows: Rows,
  ): void {
    const name = form.kind === 'field' ? form.name : quotedText(form.at)
    const place = form.kind === 'field' ? node.end - form.name.length : form.at.start
    const variable = variableName(form.of)
    if (variable === 'participant' && name !== undefined) {
      accessed.add(form.of)
      if (name === 'attributes') participantAttributes = true
    }
    const type = typeOf(form.of)
    if (type !== undefined && !hasFields.test(type))
      throw new ExpressionMistake(`this is ${typeName(type)}, and has no fields`, place)
    const table = tableOf(form.of, rows)
    if (name === undefined) return
    const problem = table === undefined ? undefined : problemOfColumn(table, name, tables)
    if (problem !== undefined) throw new ExpressionMistake(problem, place)
    // The library leaves optional access unchecked, and what has() asks for.
    if (variable !== undefined && Object.hasOwn(variables, variable)) checkField(variable, name, place)
  }

  function lookAtCall({ name, on, args }: SyntaxForm & { readonly kind: 'call' }): void {
    const definition = functions.get(callKey(name, args.length, on !== undefined))
    if (definition === undefined) return
    const texts = args.map(quotedText)
    for (const position of definition.quoted ?? []) {
      const argument = args[position]
      if (argument === undefined || texts[position] !== undefined) continue
      throw new ExpressionMistake(
        `${name}() needs a quoted text here, which is known when the rules are loaded`,
        argument.start,
      )
    }
    const problem = definition.check?.(texts)
    if (problem !== undefined)
      throw new ExpressionMistake(problem.message, args[problem.argument]?.start ?? 0)
    const [table] = texts
    if (name === 'lookup' && table !== undefined) tablesRead.add(table)
  }

  function checkName(node: SyntaxNode): void {
    const name = variableName(node)
    if (name !== undefined && Object.hasOwn(variables, name))
      throw new ExpressionMistake(`${name} already has a meaning: choose another name, such as x`, node.start)
  }

  function checkField(variable: string, field: string, place: number): void {
    const fields = variables[variable]
    if (fields?.includes(field) === false)
      throw new ExpressionMistake(describeUnknownField(variable, field, variables), place)
  }

  visit(root, new Map())
  return { tables: [...tablesRead], participantAttributes }
}

function tableOf(node: SyntaxNode, rows: Rows): string | undefined {
  const form = formOf(node)
  if (form.kind === 'name') return rows.get(form.name)
  return form.kind === 'call' && form.on === undefined && form.name === 'lookup'
    ? quotedText(form.args[0])
    : undefined
}

function withRow(rows: Rows, name: string | undefined, table: string | undefined): Rows {
  if (name === undefined || (table === undefined && !rows.has(name))) return rows
  const changed = new Map(rows)
  if (table === undefined) changed.delete(name)
  else changed.set(name, table)
  return changed
}

/**
 * The library notes types on the tree without documenting it; the test `nothing of JavaScript shows through` fails if it
 * stops. undefined: an argument of has(), which only asks whether a field is there.
 */
function typeOf(node: SyntaxNode): string | undefined {
  const type: unknown = 'checkedType' in node ? node.checkedType : undefined
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : undefined
}
