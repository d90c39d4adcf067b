import { type DeadLetterCode, errorCatalogue } from '../errors.ts'
import type { Answer } from '../genesys/classify.ts'
import { type CarrierName, carrierNames } from '../ingest/carriers/carrier.ts'

/** Counts since the process started. Counts that also exist by label are sums of `Details`. */
export interface Totals {
  accepted: number
  duplicates: number
  ignored: number
  rejected: number
  applied: number
  unchanged: number
  readonly dead: number
  /** Finished calls that set attributes or read a conversation. */
  readonly calls: number
  /** 429 answers. */
  readonly rateLimited: number
  /** Evaluations of a rule that lacked data and counted as no match. */
  readonly undecided: number
}

export type Counts<Label> = Map<Label, number>

/** Counts since the process started, by label. No count is stored both here and in `Totals`. */
export interface Details {
  /** Answers of the webhook by HTTP status. */
  readonly requests: Counts<number>
  /** Authenticated requests by credential: `token 1`, see `credentialKey`. */
  readonly credentials: Counts<string>
  /** Messages taken out of carriers, by carrier. */
  readonly carriers: Counts<CarrierName>
  /** Subscriptions that SNS asked to confirm, by result. */
  readonly snsConfirmations: Counts<ConfirmationResult>
  /** Dead letters by code. */
  readonly dead: Counts<DeadLetterCode | 'unknown'>
  /** Finished calls that set attributes or read a conversation, by kind of answer. */
  readonly calls: Counts<Answer['kind']>
  /** Evaluations that matched, by rule. */
  readonly matched: Counts<string>
  /** Evaluations without a result, by rule. */
  readonly undecided: Counts<string>
  /** Those of them that failed although no field was missing, and those that wait for a lookup or a target, by rule. */
  readonly failed: Counts<string>
}

/** What became of a subscription: `refused` because of the message, without a call; `failed` because of the call. */
export type ConfirmationResult = 'confirmed' | 'refused' | 'failed'

// Records, so that the compiler reports a missing code or kind.
const noneDead: Readonly<Record<DeadLetterCode, 0>> = {
  not_found: 0,
  participant_not_found: 0,
  forbidden: 0,
  rejected: 0,
  expired: 0,
}
const noConfirmations: Readonly<Record<ConfirmationResult, 0>> = { confirmed: 0, refused: 0, failed: 0 }
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
  200,
  202,
  ...Object.values(errorCatalogue).flatMap((entry) => ('status' in entry ? [entry.status] : [])),
].sort((a, b) => a - b)

/** Starts every label that is known in advance at 0, so that its first count shows as an increase. */
export const createDetails = (): Details => ({
  requests: new Map(statuses.map((status) => [status, 0])),
  credentials: new Map(),
  carriers: new Map(carrierNames.map((name) => [name, 0])),
  snsConfirmations: zeros(noConfirmations),
  dead: zeros(noneDead),
  calls: zeros(noCalls),
  matched: new Map(),
  undecided: new Map(),
  failed: new Map(),
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

/** The key of a credential: its scheme and its position in the list of secrets, tokens, audiences or topics, from 1. */
export const credentialKey = (scheme: string, position: number): string => `${scheme} ${position}`

/** What the service accepts; a position counts from 1 in its list. */
interface CredentialLists {
  readonly auth: string
  readonly secrets: readonly string[]
  readonly tokens: readonly string[]
  readonly hmacHeader?: string | undefined
  readonly oidc?: { readonly audiences: readonly string[] } | undefined
  readonly topicArns: readonly string[]
}

/** Starts every configured credential at 0, so that unused ones are visible too. */
export function addUnusedCredentials(
  uses: Counts<string>,
  { auth, secrets, tokens, hmacHeader, oidc, topicArns }: CredentialLists,
): void {
  if (auth === 'none') return
  const lists: readonly (readonly [scheme: string, credentials: readonly string[]])[] = [
    ['standard_webhooks', secrets],
    ['hub_signature', secrets],
    ['hmac_header', hmacHeader === undefined ? [] : secrets],
    ['token', tokens],
    ['jwt', oidc?.audiences ?? []],
    ['sns', topicArns],
  ]
  for (const [scheme, credentials] of lists)
    credentials.forEach((_, index) => void count(uses, credentialKey(scheme, index + 1), 0))
}

const sum = (counts: ReadonlyMap<unknown, number>): number => {
  let total = 0
  for (const times of counts.values()) total += times
  return total
}
