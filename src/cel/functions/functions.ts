import type { Budget } from '../budget.ts'
import { callKey } from '../syntax/syntax.ts'
import type { FunctionDefinition } from './definition.ts'
import { createHashFunctions } from './hash.ts'
import { createJson } from './json.ts'
import { createLookup, type FindRow, type KnownTables } from './lookup.ts'
import { createPhoneFunctions } from './phone.ts'
import { createRegexFunctions } from './regex.ts'
import { createTextFunctions } from './text.ts'
import { createTimeFunctions } from './time.ts'

/** Every function that rules have beside those of CEL. What is compiled for one rules file is kept with its functions. */
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
  ...createHashFunctions(budget),
  createJson(budget),
]

/** By the key of the calls that rules write. */
export const byCallKey = (
  functions: readonly FunctionDefinition[],
): ReadonlyMap<string, FunctionDefinition> =>
  new Map(functions.map((definition) => [keyOf(definition.insteadOf ?? definition.signature), definition]))

/** The functions that are called in the place of one of CEL: call key → name. */
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
