import type { ExpressionContext } from '../context.ts'

/** The event lacks what is read, for which the CEL library has the code `no_such_key`. */
export const missing = Symbol('missing')

/** What the CEL library would say, found without it; undefined: it has to be asked. */
export type Shortcut<T> = (context: ExpressionContext) => T | typeof missing | undefined

export const noShortcut: Shortcut<never> = () => undefined
