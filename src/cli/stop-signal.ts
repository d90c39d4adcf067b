const signals = ['SIGINT', 'SIGTERM'] as const

/** Runs `work` with a signal that SIGINT and SIGTERM abort, instead of ending the process, until `work` ends. */
export async function withStopSignal<T>(work: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  for (const signal of signals) process.on(signal, stop)
  try {
    return await work(stopping.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
