import { z } from 'zod'

/** Words that CEL reserves: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */
const reserved: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if'],
  ...['import', 'let', 'loop', 'package', 'namespace', 'prototype', 'return', 'var', 'void', 'while'],
])

/** In one `let`; the service compiles each name in about 0.5 ms. */
export const maxNames = 100

/** A name that begins with `_` could be one that the service itself adds to expressions. */
const letNameSchema = z
  .string()
  .regex(/^[A-Za-z]\w{0,63}$/, 'is not a valid name: begin with a letter, then use letters, digits and _')
  .refine((name) => !reserved.has(name), 'is a reserved word of CEL: choose another name')

const expressionError = 'must be a CEL expression such as lookup("tiers", participant.address)'

/** Names for expressions, of the file or of a rule. Numbers and booleans are expressions too. */
export const letSchema = z
  .record(
    letNameSchema,
    z.union([z.string().min(1, 'must not be empty'), z.number(), z.boolean()], { error: expressionError }),
    { error: 'must be a map of names to CEL expressions' },
  )
  .refine((names) => Object.keys(names).length <= maxNames, `must have at most ${maxNames} names`)
  .meta({ examples: [{ caller: 'lookup("tiers", participant.address)' }] })

export type LetDefinition = z.infer<typeof letSchema>
