/** The state of one part, as `/health` shows it. */
export interface Check {
  readonly ok: boolean
  readonly reason?: string
  readonly [fact: string]: unknown
}
