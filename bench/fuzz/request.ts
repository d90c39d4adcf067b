import type { Random } from './random.ts'

/** A request and its allowed responses. */
export interface FuzzRequest {
  /** Name for reports. */
  readonly kind: string
  /** The bytes, in the pieces of each write. */
  readonly pieces: readonly Buffer[]
  /** Pause between the pieces. */
  readonly pauseMs?: number
  /** The methods of the requests, in order: each expects one response. */
  readonly methods: readonly string[]
  /**
   * `kept`: each request gets a response. `refused`: one response, then the service closes. `dropped`: the service
   * closes, with or without a response. `left`: the client disconnects.
   */
  readonly ends: 'kept' | 'refused' | 'dropped' | 'left'
  /** The allowed statuses. Absent: any. */
  readonly statuses?: readonly number[]
  /** Node.js itself may answer, without a problem document. */
  readonly bare?: true
  /** The last request on its connection. */
  readonly last?: true
}

/** Generates the request with this number. */
export type Generate = (random: Random, number: number) => FuzzRequest
