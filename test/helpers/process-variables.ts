import type { Owner } from './folder.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * For libraries that read only `process.env`: until the end of the test, this process has exactly those of the variables with the prefix.
 * Call it once per prefix and test.
 */
export function setProcessVariables(t: Owner, prefix: string, variables: Variables): void {
  const withPrefix = (all: Variables): Variables =>
    Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)))
  const replace = (values: Variables) => {
    for (const name of Object.keys(withPrefix(process.env))) delete process.env[name]
    Object.assign(process.env, withPrefix(values))
  }
  const before = withPrefix(process.env)
  replace(variables)
  t.after(() => replace(before))
}
