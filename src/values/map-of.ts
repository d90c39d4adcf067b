/** The error of a zod object schema for a value of another type, in YAML terms. Unknown keys keep their own errors. */
export const mapOf = (keys: string) => ({
  error: ({ code }: { code: string | undefined }) =>
    code === 'invalid_type' ? `must be a map with ${keys}` : undefined,
})
