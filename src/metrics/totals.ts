import { type DeadLetterCode, errorCatalogue } from '../errors.ts'
import type { Answer } from '../genesys/classify.ts'

/** What happened since the process started. What is counted by a label is the sum over `Details`. */
export interface Totals {
  accepted: number
  duplicates: number
  ignored: number
  rejected: number
  applied: number
  unchanged: number
  readonly dead: number
  /** PATCH calls concluded, whatever their answer. */
  readonly calls: number
  /** Answers 429. */
  readonly rateLimited: number
  /** Evaluations of a rule that lacked data and counted as no match. */
  readonly undecided: number
}

/** How often, by label. */
export type Counts<Label> = Map<Label, number>

/** What happened since the process started, by label. Each thing is counted here or in `Totals`, never in both. */
export interface Details {
  /** Answers of the webhook by HTTP status. */
  readonly requests: Counts<number>
  /** Requests that were let in, by credential: `token 1` (auth-family.ts). */
  readonly credentials: Counts<string>
  /** Dead letters by code. */
  readonly dead: Counts<DeadLetterCode | 'unknown'>
  /** PATCH calls concluded, by what their answer meant. */
  readonly calls: Counts<Answer['kind']>
  /** Evaluations of a rule that matched, by its name. */
  readonly matched: Counts<string>
  /** Evaluations of a rule that lacked data, by its name. */
  readonly undecided: Counts<string>
}

// Records, so that a code or kind that is added later cannot be forgotten here.
const noneDead: Readonly<Record<DeadLetterCode, 0>> = {
  not_found: 0,
  participant_not_found: 0,
  forbidden: 0,
  rejected: 0,
  expired: 0,
}
const noCalls: Readonly<Record<Answer['kind'], 0>> = {
  ok: 0,
  rate_limited: 0,
  token_expired: 0,
  credentials_refused: 0,
  not_found: 0,
  forbidden: 0,
  conflict: 0,
  rejected: 0,
  unavailable: 0,
}

const zeros = <Label extends string>(none: Readonly<Record<Label, 0>>): Counts<Label> =>
  new Map(Object.keys(none).map((label) => [label as Label, 0]))

const statuses: readonly number[] = [
  202,
  ...Object.values(errorCatalogue).flatMap((entry) => ('status' in entry ? [entry.status] : [])),
].sort((a, b) => a - b)

/** Starts with every label that is known beforehand at 0, so that the first of its kind shows as a rise. */
export const createDetails = (): Details => ({
  requests: new Map(statuses.map((status) => [status, 0])),
  credentials: new Map(),
  dead: zeros(noneDead),
  calls: zeros(noCalls),
  matched: new Map(),
  undecided: new Map(),
})

export const createTotals = (details: Details = createDetails()): Totals => ({
  accepted: 0,
  duplicates: 0,
  ignored: 0,
  rejected: 0,
  applied: 0,
  unchanged: 0,
  get dead() {
    return sum(details.dead)
  },
  get calls() {
    return sum(details.calls)
  },
  get rateLimited() {
    return details.calls.get('rate_limited') ?? 0
  },
  get undecided() {
    return sum(details.undecided)
  },
})

export function count<Label>(counts: Counts<Label>, label: Label, times = 1): void {
  counts.set(label, (counts.get(label) ?? 0) + times)
}

const sum = (counts: ReadonlyMap<unknown, number>): number => {
  let total = 0
  for (const times of counts.values()) total += times
  return total
}
