import type { Random } from './random.ts'

/** Something to send, and what may come back. */
export interface FuzzRequest {
  /** Of what sort it is, for people. */
  readonly kind: string
  /** The bytes, in the pieces in which they are written. */
  readonly pieces: readonly Buffer[]
  /** Between the pieces. */
  readonly pauseMs?: number
  /** The methods of the requests in it, in order: each is owed one answer. */
  readonly methods: readonly string[]
  /**
   * `kept`: each request gets its answer. `refused`: one answer, then the service closes. `dropped`: the service closes,
   * with an answer or without. `left`: the client hangs up; the service has to bear it.
   */
  readonly ends: 'kept' | 'refused' | 'dropped' | 'left'
  /** The statuses that an answer may have, where less than any will do. */
  readonly statuses?: readonly number[]
  /** The answer may come from Node.js itself, without a problem document. */
  readonly bare?: true
  /** No other request comes after it on its connection. */
  readonly last?: true
}

/** Makes the request of that number. */
export type Generate = (random: Random, number: number) => FuzzRequest
