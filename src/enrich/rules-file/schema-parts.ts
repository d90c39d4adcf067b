import { z } from 'zod'

/** In the words of a YAML author; unknown keys are told elsewhere, one by one. */
export const mapOf = (what: string) => ({
  error: ({ code }: { code: string | undefined }) =>
    code === 'invalid_type' ? `must be a map with ${what}` : undefined,
})

export const scalar = (error: string) => z.union([z.string(), z.number(), z.boolean()], { error })

export const name = z
  .string({ error: ({ input }) => `must be text${input == null ? '' : ': put quotes around it'}` })
  .min(1, 'must not be empty')

export const attributeName = z.string().min(1, 'an attribute needs a name')

/** `true` and `false` are conditions too. */
export const condition = (error: string) =>
  z.union([z.string().min(1, 'must not be empty'), z.boolean().transform(String)], { error })

/** As a rule can listen to it. */
export const topicPattern = /^[a-z]+(\.[a-z]+)*$/
