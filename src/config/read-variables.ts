import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Variable, type VariableName, variables } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The texts of the variables that are set, valid or not. */
export type Given = Readonly<Record<string, string>>

/** The validated values of all variables. */
export type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]['schema']> }

export interface ReadVariables<Name extends VariableName> {
  /** Undefined if a variable is invalid. */
  readonly values: Pick<Values, Name> | undefined
  readonly given: Given
  readonly problems: readonly string[]
}

/** Reads and validates these variables, and no others. Never throws or prints. */
export function readVariables<Name extends VariableName>(
  names: readonly Name[],
  environment: Environment,
): ReadVariables<Name> {
  const problems: string[] = []
  const given = readTexts(names, environment, problems)
  const shape: Record<string, z.ZodType> = {}
  for (const name of names) shape[name] = variables[name].schema
  const parsed = z.object(shape).safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describe(issue, given)))
  return { values: parsed.success ? (parsed.data as Pick<Values, Name>) : undefined, given, problems }
}

/** An empty value counts as unset. A secret `X` can come from the file `X_FILE`. */
function readTexts(names: readonly VariableName[], environment: Environment, problems: string[]): Given {
  const given: Record<string, string> = {}
  for (const name of names) {
    const variable: Variable = variables[name]
    const value = environment[name]
    const file = variable.secret === true ? environment[`${name}_FILE`] : undefined
    if (value !== undefined && value !== '') given[name] = value
    if (file === undefined || file === '') continue
    if (given[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set: keep one of them`)
      continue
    }
    given[name] = 'the-file-could-not-be-read' // long enough to cause no second problem
    try {
      const content = readFileSync(file, 'utf8').trimEnd()
      if (content !== '') given[name] = content
      else problems.push(`${name}_FILE: ${file} is empty: write the secret into it`)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      problems.push(`${name}_FILE: cannot read ${file} (${code}): check the path and its permissions`)
    }
  }
  return given
}

function describe(issue: z.core.$ZodIssue, given: Given): string {
  const name = String(issue.path[0])
  const variable: Variable | undefined = variables[name as VariableName]
  const value = given[name]
  if (value === undefined) return `${name} is required: ${variable?.meaning ?? ''}`
  return `${name} ${issue.message}${variable?.secret === true ? '' : `, but is ${JSON.stringify(withoutPassword(value))}`}`
}

const withoutPassword = (value: string): string => value.replace(/\/\/[^/]*@/, '//***@')

const prefixes = ['GENESYS', 'WEBHOOK', 'NOTIFICATIONS', 'RATE', 'INBOX', 'TLS']

/** Warns about misspelled settings: unknown names with one of these prefixes of ours. */
export function unknownNames(environment: Environment, among: readonly string[] = prefixes): string[] {
  const warnings: string[] = []
  for (const name of Object.keys(environment)) {
    if (!among.some((prefix) => name.startsWith(`${prefix}_`))) continue
    const fileOf: Variable | undefined = variables[name.replace(/_FILE$/, '') as VariableName]
    if (!(name in variables) && fileOf?.secret !== true)
      warnings.push(`${name} is not a setting and has no effect`)
  }
  return warnings
}
