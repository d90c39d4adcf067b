/** The checks, in the order in which they run. docs/operations/doctor.md describes each. */
export const checkNames = [
  'node',
  'configuration',
  'login-host',
  'api-host',
  'login',
  'clock',
  'permission',
  'rate-headers',
  'store',
  'store-write',
  'free-space',
  'rules',
  'port',
  'service',
  'admin-token',
] as const

export type CheckName = (typeof checkNames)[number]

/** One finding of a check. A check with several findings gives several results. Texts never contain a secret. */
export interface CheckResult {
  readonly check: CheckName
  /** `skipped`: a check that it depends on failed, or there is nothing to check. */
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped'
  /** The fact that was found. May have several lines. */
  readonly finding: string
  /** The next step for the operator. Absent if there is none. */
  readonly remedy?: string
}

/** The same result for several checks that cannot run. */
export const skipped = (checks: readonly CheckName[], reason: string): readonly CheckResult[] =>
  checks.map((check) => ({ check, result: 'skipped', finding: reason }))
