export interface Fault {
  readonly name: string
  /** Starts the fault. */
  break(): Promise<void>
  /** Ends the fault. */
  repair(): Promise<void>
  /** What `/readyz` says meanwhile, while senders get 503. Absent: the service may store events. */
  readonly reason?: RegExp
  readonly holdMs?: number
  /** Connections at the server afterwards; default: those of the service. */
  readonly maxConnections?: number
}

export interface FaultResult {
  readonly fault: string
  /** Events answered with 202, before, during and after the fault. */
  readonly accepted: number
  /** Answers 503. */
  readonly refused: number
  /** Answered with 202, but not stored. */
  readonly lost: number
  readonly longestAnswerMs: number
  /** From the end of the fault until the service is ready and a sender gets 202. */
  readonly recoveredMs: number
  /** CPU time of the service during the fault, as a share of one core. */
  readonly cpuShare: number
  /** Empty: all is as it should be. */
  readonly problems: readonly string[]
}
