/** The error of a zod object schema that is given another type, in the words of a YAML author. Unknown keys are reported one by one. */
export const mapOf = (what: string) => ({
  error: ({ code }: { code: string | undefined }) =>
    code === 'invalid_type' ? `must be a map with ${what}` : undefined,
})
