import type { Connection } from './connection.ts'

/** Sockets whose place another has taken: they are still heard for a while, then closed in good order. */
export interface Retirement {
  /** How many sockets are not closed yet. */
  readonly size: number
  add(connection: Connection, overlapMs: number): void
  /** Ends them all at once. */
  cut(): void
  /** Closes them all now. */
  close(): Promise<void>
}

export function createRetirement(): Retirement {
  const waiting = new Map<Connection, NodeJS.Timeout>()
  const closing = new Set<Connection>()

  async function close(connection: Connection): Promise<void> {
    clearTimeout(waiting.get(connection))
    waiting.delete(connection)
    closing.add(connection)
    await connection.close()
    closing.delete(connection)
  }

  return {
    get size() {
      return waiting.size + closing.size
    },
    add: (connection, overlapMs) => {
      waiting.set(
        connection,
        setTimeout(() => void close(connection), overlapMs),
      )
    },
    cut: () => {
      for (const connection of [...waiting.keys(), ...closing]) connection.cut()
    },
    close: async () => {
      await Promise.all([...waiting.keys(), ...closing].map(close))
    },
  }
}
