import { ExpressionMistake } from '../expression-errors.ts'
import type { FunctionDefinition } from '../functions/definition.ts'
import { type KnownTables, problemOfColumn } from '../functions/lookup.ts'
import { describeUnknownField, typeName } from '../mistakes/mistakes.ts'
import type { VariableFields } from '../variables.ts'
import { type Comparison, comparisonsOf, fieldIn } from './comparisons.ts'
import { type FieldReads, fieldsIn, requiredFields } from './fields.ts'
import {
  type Access,
  asAccess,
  asBinding,
  asLoop,
  callKey,
  formOf,
  partsOf,
  quotedText,
  type SyntaxForm,
  type SyntaxNode,
  variableName,
} from './syntax.ts'

/** The data that an expression reads. */
export interface Reads extends FieldReads {
  /** Names of lookup tables, without duplicates. */
  readonly tables: readonly string[]
  /** Whether the expression may read `participant.attributes`. */
  readonly participantAttributes: boolean
  /** Names of `let`, also those that are read only by the expressions of names. */
  readonly names: readonly string[]
  /** The comparisons of fields with quoted texts. Does not include those in the expressions of names. */
  readonly comparisons: readonly Comparison[]
}

/** Where the value of an expression comes from, if the expression does nothing else with it. */
export interface Origin {
  /** The value is a row of this lookup table. */
  readonly table?: string | undefined
  /** The value is that of this field: `event.mediaType`. */
  readonly field?: string | undefined
}

/** The names that an expression can use. */
interface Scope {
  readonly variables: VariableFields
  /** By call key. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>
  readonly tables: KnownTables
  /** The names of `let`; undefined for one that has a mistake. */
  readonly lets: Lets
}

type Lets = ReadonlyMap<string, { readonly reads: Reads; readonly origin: Origin } | undefined>

/** CEL types with fields. The library would read the JavaScript properties of values of all other types. */
const hasFields = /^(dyn|map|list|optional|\$)/

/**
 * Variables that `cel.bind` or `let` sets to a row → name of the lookup table; undefined: another variable of that name.
 */
type Rows = ReadonlyMap<string | undefined, string | undefined>

/**
 * Checks what the type check does not cover: arguments that must be quoted texts, columns of lookup tables, names of
 * variables. The types must be correct. Throws an `ExpressionMistake` for the first mistake.
 */
export function inspect(
  root: SyntaxNode,
  { variables, functions, tables, lets }: Scope,
): { readonly reads: Reads; readonly origin: Origin } {
  const tablesRead = new Set<string>()
  const namesRead = new Set<string>()
  let participantAttributes = false

  function visit(node: SyntaxNode, rows: Rows): void {
    const form = formOf(node)
    const loop = asLoop(form)
    const binding = asBinding(form)
    if (loop !== undefined) {
      checkName(loop.variable)
      visit(loop.list, rows)
      const inside = withRow(rows, loop.variable, undefined)
      for (const part of loop.body) visit(part, inside)
    } else if (binding !== undefined) {
      checkName(binding.variable)
      visit(binding.value, rows)
      visit(binding.body, withRow(rows, binding.variable, tableOf(binding.value, rows)))
    } else {
      checkNode(node, form, rows)
      for (const part of partsOf(form)) visit(part, rows)
    }
  }

  function checkNode(node: SyntaxNode, form: SyntaxForm, rows: Rows): void {
    const access = asAccess(node)
    if (access !== undefined) checkAccess(access, rows)
    else if (form.kind === 'call') checkCall(form)
    else if (form.kind === 'infix' && form.operator === 'in' && tableOf(form.right, rows) !== undefined)
      throw new ExpressionMistake(
        'in cannot be used with a lookup: compare the column with "", the value of a missing column',
        form.right.start,
      )
    else if (form.kind === 'name' && lets.has(form.name)) readName(form.name)
    // As a whole value, another name can read it. checkAccess handles its fields.
    else if (form.kind === 'name' && form.name === 'participant' && !accessed.has(node))
      participantAttributes = true
  }

  function readName(name: string): void {
    const reads = lets.get(name)?.reads
    for (const each of [name, ...(reads?.names ?? [])]) namesRead.add(each)
    for (const table of reads?.tables ?? []) tablesRead.add(table)
    participantAttributes ||= reads?.participantAttributes === true
  }

  const accessed = new Set<SyntaxNode>()

  function checkAccess({ of, name, offset }: Access, rows: Rows): void {
    const variable = variableName(of)
    if (variable === 'participant' && name !== undefined) {
      accessed.add(of)
      if (name === 'attributes') participantAttributes = true
    }
    const type = typeOf(of)
    if (type !== undefined && !hasFields.test(type))
      throw new ExpressionMistake(`this is ${typeName(type)}, which has no fields`, offset)
    const table = tableOf(of, rows)
    if (name === undefined) return
    const problem = table === undefined ? undefined : problemOfColumn(table, name, tables)
    if (problem !== undefined) throw new ExpressionMistake(problem, offset)
    // The library does not check optional access and the argument of has().
    if (
      variable !== undefined &&
      Object.hasOwn(variables, variable) &&
      variables[variable]?.includes(name) === false
    )
      throw new ExpressionMistake(describeUnknownField(variable, name, variables), offset)
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

  const rows = new Map([...lets].map(([name, expression]) => [name, expression?.origin.table]))
  visit(root, rows)
  const names = [...namesRead]
  const fieldOfName = (name: string) => lets.get(name)?.origin.field
  const readsOfName = (name: string) => lets.get(name)?.reads
  const fieldsOfNames = names.flatMap((name) => readsOfName(name)?.fields ?? [])
  return {
    reads: {
      tables: [...tablesRead],
      participantAttributes,
      names,
      comparisons: comparisonsOf(root, fieldOfName),
      fields: [...new Set([...fieldsIn(root, readsOfName), ...fieldsOfNames])],
      required: requiredFields(root, readsOfName),
    },
    origin: { table: tableOf(root, rows), field: fieldIn(root, fieldOfName) },
  }
}

function tableOf(node: SyntaxNode, rows: Rows): string | undefined {
  const form = formOf(node)
  if (form.kind === 'name') return rows.get(form.name)
  return form.kind === 'call' && form.on === undefined && form.name === 'lookup'
    ? quotedText(form.args[0])
    : undefined
}

const withRow = (rows: Rows, variable: SyntaxNode, table: string | undefined): Rows =>
  new Map([...rows, [variableName(variable), table]])

/**
 * The library sets `checkedType` on the tree but does not document it; the test `JavaScript properties cannot be read` fails
 * if that changes. undefined in the argument of has(), which the library does not check.
 */
function typeOf(node: SyntaxNode): string | undefined {
  const type: unknown = 'checkedType' in node ? node.checkedType : undefined
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : undefined
}
