import type { DeadLetterCounts } from './inbox.ts'

interface CodeTally {
  count: number
  readonly rules: Map<string, number>
}

/** Counts dead letters by code and rule, one after the other. */
export function createDeadLetterTally() {
  const codes = new Map<string, CodeTally>()
  let total = 0
  return {
    add: (code: string, rules: readonly string[]): void => {
      const tally = codes.get(code) ?? { count: 0, rules: new Map() }
      codes.set(code, tally)
      total += 1
      tally.count += 1
      for (const rule of rules) tally.rules.set(rule, (tally.rules.get(rule) ?? 0) + 1)
    },
    counts: (): DeadLetterCounts => ({
      total,
      codes: [...codes]
        .map(([code, { count, rules }]) => ({
          code,
          count,
          rules: [...rules].map(([rule, times]) => ({ rule, count: times })).sort(mostFirst),
        }))
        .sort(mostFirst),
    }),
  }
}

const mostFirst = (one: { readonly count: number }, other: { readonly count: number }): number =>
  other.count - one.count
