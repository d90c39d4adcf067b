import { ExpressionMistake } from '../expression-mistake.ts'
import type { FunctionDefinition } from '../functions/definition.ts'
import { type KnownTables, problemOfColumn } from '../functions/lookup.ts'
import { describeUnknownField } from '../mistakes/name-mistakes.ts'
import { typeName } from '../mistakes/type-names.ts'
import type { VariableFields } from '../variables.ts'
import { asBinding, asLoop, variableName } from './macros.ts'
import { callKey, formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** The data that an expression reads. */
export interface Reads {
  /** Names of lookup tables, without duplicates. */
  readonly tables: readonly string[]
  /** Whether the expression may read `participant.attributes`. */
  readonly participantAttributes: boolean
}

/** The names that an expression can use. */
export interface Scope {
  readonly variables: VariableFields
  /** By call key. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>
  readonly tables: KnownTables
}

/** CEL types with fields. The library would read the JavaScript properties of values of all other types. */
const hasFields = /^(dyn|map|list|optional|\$)/

/** Variables that `cel.bind` sets to a row → name of the lookup table. */
type Rows = ReadonlyMap<string, string>

/**
 * Checks what the type check does not cover: arguments that must be quoted texts, columns of lookup tables, names of
 * variables. The types must be correct. Throws an `ExpressionMistake` for the first mistake.
 */
export function inspect(root: SyntaxNode, { variables, functions, tables }: Scope): Reads {
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
      checkNode(node, form, rows)
      for (const part of partsOf(form)) visit(part, rows)
    }
  }

  function checkNode(node: SyntaxNode, form: SyntaxForm, rows: Rows): void {
    if (form.kind === 'field' || form.kind === 'index') checkAccess(node, form, rows)
    else if (form.kind === 'call') checkCall(form)
    else if (form.kind === 'infix' && form.operator === 'in' && tableOf(form.right, rows) !== undefined)
      throw new ExpressionMistake(
        'in cannot be used with a lookup: compare the column with "", the value of a missing column',
        form.right.start,
      )
    // As a whole value, another name can read it. checkAccess handles its fields.
    else if (form.kind === 'name' && form.name === 'participant' && !accessed.has(node))
      participantAttributes = true
  }

  const accessed = new Set<SyntaxNode>()

  function checkAccess(
    node: SyntaxNode,
    form: SyntaxForm & { readonly kind: 'field' | 'index' },
    rows: Rows,
  ): void {
    const name = form.kind === 'field' ? form.name : quotedText(form.at)
    const offset = form.kind === 'field' ? node.end - form.name.length : form.at.start
    const variable = variableName(form.of)
    if (variable === 'participant' && name !== undefined) {
      accessed.add(form.of)
      if (name === 'attributes') participantAttributes = true
    }
    const type = typeOf(form.of)
    if (type !== undefined && !hasFields.test(type))
      throw new ExpressionMistake(`this is ${typeName(type)}, which has no fields`, offset)
    const table = tableOf(form.of, rows)
    if (name === undefined) return
    const problem = table === undefined ? undefined : problemOfColumn(table, name, tables)
    if (problem !== undefined) throw new ExpressionMistake(problem, offset)
    // The library does not check optional access and the argument of has().
    if (variable !== undefined && Object.hasOwn(variables, variable)) checkField(variable, name, offset)
  }

  function checkCall({ name, on, args }: SyntaxForm & { readonly kind: 'call' }): void {
    const definition = functions.get(callKey(name, args.length, on !== undefined))
    if (definition === undefined) return
    const texts = args.map(quotedText)
    for (const position of definition.quoted ?? []) {
      const argument = args[position]
      if (argument === undefined || texts[position] !== undefined) continue
      throw new ExpressionMistake(
        `${name}() needs a quoted text here, because it is checked when the rules are loaded`,
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
      throw new ExpressionMistake(`${name} is already a variable: choose another name, such as x`, node.start)
  }

  function checkField(variable: string, field: string, offset: number): void {
    const fields = variables[variable]
    if (fields?.includes(field) === false)
      throw new ExpressionMistake(describeUnknownField(variable, field, variables), offset)
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
 * The library sets `checkedType` on the tree but does not document it; the test `JavaScript properties cannot be read` fails
 * if that changes. undefined in the argument of has(), which the library does not check.
 */
function typeOf(node: SyntaxNode): string | undefined {
  const type: unknown = 'checkedType' in node ? node.checkedType : undefined
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : undefined
}
