export type WriteLog = (fields: Readonly<Record<string, unknown>>, message: string) => void

/** The levels of a logger that a part of the service uses. */
export type Log<Level extends 'debug' | 'info' | 'warn' | 'error'> = Readonly<Record<Level, WriteLog>>
