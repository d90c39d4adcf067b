import type { Budget } from '../budget.ts'
import { callKey } from '../syntax/syntax.ts'
import type { FunctionDefinition } from './definition.ts'
import { createLookup, type FindRow, type KnownTables } from './lookup.ts'
import { createPhoneFunctions } from './phone.ts'
import { createRegexFunctions } from './regex.ts'
import { createTextFunctions } from './text.ts'
import { createTimeFunctions } from './time.ts'

/** The functions that rules have besides those of CEL. They keep the patterns and zones compiled for one rules file. */
export const createFunctions = (
  tables: KnownTables,
  findRow: FindRow,
  budget: Budget,
): readonly FunctionDefinition[] => [
  createLookup(tables, findRow, budget),
  ...createTextFunctions(budget),
  ...createRegexFunctions(budget),
  ...createPhoneFunctions(budget),
  ...createTimeFunctions(budget),
]

export const byCallKey = (
  functions: readonly FunctionDefinition[],
): ReadonlyMap<string, FunctionDefinition> =>
  new Map(functions.map((definition) => [keyOf(definition.insteadOf ?? definition.signature), definition]))

/** Call key of a CEL function → name of the function that replaces it. */
export const replacementsOf = (functions: readonly FunctionDefinition[]): ReadonlyMap<string, string> =>
  new Map(
    functions.flatMap(({ insteadOf, signature }) =>
      insteadOf === undefined ? [] : [[keyOf(insteadOf), signature.slice(0, signature.indexOf('('))]],
    ),
  )

/** `string.split(string, int): list<string>` → `.split/2`. */
function keyOf(signature: string): string {
  const [, receiver, name = '', parameters = ''] = /^(?:(.+)\.)?(\w+)\((.*)\)/.exec(signature) ?? []
  const count = parameters === '' ? 0 : parameters.split(',').length
  return callKey(name, count, receiver !== undefined)
}
