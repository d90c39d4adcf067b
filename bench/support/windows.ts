import type { SimulatedCall } from '../../src/simulator/simulator.ts'

/** The simulator's consecutive rate windows; `originMs` is the start of one. */
export interface Windows {
  readonly originMs: number
  readonly windowMs: number
  readonly allowed: number
}

export interface Usage {
  /** Successful calls ÷ available calls, in windows with pending work from start to end. */
  readonly share: number
  readonly fullWindows: number
  /** Calls of other programs ÷ limit, in the same windows. */
  readonly othersShare: number
  readonly refused: number
  /** Maximum number of 429s in one window. */
  readonly refusedInOneWindow: number
  readonly drainMs: number
  /** The shortest time in which any client could have sent as many calls. */
  readonly possibleMs: number
  readonly calls: number
}

/** `spent`: calls of other programs by window number. */
export function usageOf(
  calls: readonly SimulatedCall[],
  startedAt: number,
  windows: Windows,
  spent: ReadonlyMap<number, number> = new Map(),
): Usage {
  const numberOf = (at: number) => Math.floor((at - windows.originMs) / windows.windowMs)
  const patches = calls.filter(({ method }) => method === 'PATCH')
  const good = patches.filter(({ status }) => status < 300)
  const refused = patches.filter(({ status }) => status === 429)
  const first = numberOf(startedAt)
  const last = numberOf(Math.max(startedAt, ...good.map(({ at }) => at)))
  const shares: number[] = []
  const taken: number[] = []
  for (let window = first + 1; window < last; window += 1) {
    const ours = good.filter(({ at }) => numberOf(at) === window).length
    // Calls of other programs after the window is used up have no effect.
    const others = Math.min(spent.get(window) ?? 0, windows.allowed - ours)
    shares.push(ours / (windows.allowed - others))
    taken.push(others / windows.allowed)
  }
  const perWindow = Map.groupBy(refused, ({ at }) => numberOf(at))
  const windowsNeeded = Math.ceil(good.length / windows.allowed)
  const firstEdge = windows.originMs + (first + 1) * windows.windowMs - startedAt
  return {
    share: mean(shares),
    othersShare: mean(taken),
    fullWindows: shares.length,
    refused: refused.length,
    refusedInOneWindow: Math.max(0, ...[...perWindow.values()].map((list) => list.length)),
    drainMs: Math.max(0, ...good.map(({ at }) => at - startedAt)),
    possibleMs: windowsNeeded <= 1 ? 0 : firstEdge + (windowsNeeded - 2) * windows.windowMs,
    calls: patches.length,
  }
}

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? Number.NaN : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
