export interface SharedFetchDeps<Result> {
  /** Must not reject. */
  readonly fetchNew: () => Promise<Result>
  readonly isFailure: (result: Result) => boolean
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number
}

const failureCooldownMs = 10_000

/** Fetches once for concurrent callers. Within 10 seconds after a failure, it returns that failure and fetches nothing. */
export function createSharedFetch<Result>({
  fetchNew,
  isFailure,
  monotonic,
}: SharedFetchDeps<Result>): () => Promise<Result> {
  let failure: { readonly at: number; readonly result: Result } | undefined
  let underWay: Promise<Result> | undefined

  async function fetchOnce(): Promise<Result> {
    const result = await fetchNew()
    failure = isFailure(result) ? { at: monotonic(), result } : undefined
    return result
  }

  return async () => {
    if (failure !== undefined && monotonic() - failure.at < failureCooldownMs) return failure.result
    underWay ??= fetchOnce().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
