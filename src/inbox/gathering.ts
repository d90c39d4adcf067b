export interface GatherOptions {
  /** Whether more writes are expected at once. Default: never. */
  readonly moreExpected?: (() => boolean) | undefined
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
}

/** The longest wait for expected writes. */
const maxGatherMs = 2

/**
 * Waits for the next turn of the event loop, so that requests already received by the sockets join the commit, and for
 * further turns while more writes are expected.
 */
export function afterGathering(
  run: () => void,
  { moreExpected = () => false, monotonic }: GatherOptions,
): void {
  const endsAt = monotonic() + maxGatherMs
  const next = (): void => {
    if (moreExpected() && monotonic() < endsAt) setImmediate(next)
    else run()
  }
  setImmediate(() => setImmediate(next))
}
