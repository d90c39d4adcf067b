export interface Deadline {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The name of the error after `timeoutMs`. Default: `TimeoutError`. */
  readonly timeoutName?: string
}

/**
 * Runs a call of the AWS SDK. The promise rejects after `timeoutMs` and when the signal aborts, whatever the call waits for: the SDK
 * heeds neither its own timeouts nor a signal while it searches for credentials, and its timeouts end with the headers of the answer.
 * A result that comes later is dropped.
 */
export async function withinDeadline<Value>(
  call: (signal: AbortSignal) => Promise<Value>,
  { timeoutMs, signal, timeoutName = 'TimeoutError' }: Deadline,
): Promise<Value> {
  const ending = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (name: string): void => {
    reject(Object.assign(new Error('the call has not ended in time'), { name }))
    ending.abort()
  }
  const abort = () => end('AbortError')
  const timer = setTimeout(() => end(timeoutName), timeoutMs)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await Promise.race([ended, call(ending.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
