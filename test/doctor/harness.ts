import assert from 'node:assert/strict'
import type { CheckName, CheckResult } from '../../src/doctor/check-result.ts'
import { type DoctorDeps, diagnose } from '../../src/doctor/doctor.ts'
import type { FaultInput, SimulatorOptions } from '../../src/simulator/simulator.ts'
import type { Owner } from '../helpers/folder.ts'
import { setUp } from '../helpers/process.ts'

export interface Diagnosis {
  readonly results: readonly CheckResult[]
  /** The only result of a check. */
  of(check: CheckName): CheckResult
  /** `failed`, `skipped` … of each check that has not the result `ok`. */
  readonly notOk: Readonly<Record<string, CheckResult['result']>>
}

/** Runs all checks. Asserts that every problem has a remedy. */
export async function runDoctor(
  environment: DoctorDeps['environment'],
  deps: Partial<DoctorDeps> = {},
): Promise<Diagnosis> {
  const results: CheckResult[] = []
  for await (const result of diagnose({ environment, now: Date.now, nodeVersion: '24.0.0', ...deps }))
    results.push(result)
  for (const { result, finding, remedy } of results) {
    const hasProblem = result === 'failed' || result === 'warning'
    assert.equal(remedy !== undefined && remedy !== '', hasProblem, finding)
  }
  return {
    results,
    of: (check) => {
      const [result, ...others] = results.filter((one) => one.check === check)
      assert.ok(result !== undefined && others.length === 0, `${check}: ${JSON.stringify(results)}`)
      return result
    },
    notOk: Object.fromEntries(
      results.filter(({ result }) => result !== 'ok').map(({ check, result }) => [check, result]),
    ),
  }
}

/** A simulator and a healthy installation that has never been started. */
export async function setUpDoctor(t: Owner, options: SimulatorOptions = {}) {
  const { simulator, environment, folder } = await setUp(t, { windowPhaseMs: 0, ...options })
  return {
    simulator,
    environment,
    folder,
    /** Injects the faults, then runs all checks. */
    run: (
      {
        faults = [],
        environment: changed = {},
      }: {
        readonly faults?: readonly FaultInput[]
        readonly environment?: Readonly<Record<string, string>>
      } = {},
      deps: Partial<DoctorDeps> = {},
    ): Promise<Diagnosis> => {
      for (const fault of faults) simulator.addFault(fault)
      return runDoctor({ ...environment, ...changed }, deps)
    },
  }
}
