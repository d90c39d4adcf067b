import { execFile } from 'node:child_process'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { type Owner, temporaryFolder } from '../helpers/folder.ts'
import { environmentFor } from '../helpers/process.ts'
import { main } from '../helpers/program.ts'

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A healthy installation, and `doctor` as a process in its folder. */
export async function setUpDoctorProcess(t: Owner, simulator: Simulator) {
  const folder = await temporaryFolder(t)
  const environment = await environmentFor(folder, simulator)
  const doctor = (args: readonly string[] = [], changed: Readonly<Record<string, string>> = {}) =>
    new Promise<Output>((resolve) => {
      const settings = { cwd: folder, env: { ...environment, ...changed } }
      execFile(process.execPath, [main, 'doctor', ...args], settings, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  return { folder, environment, doctor }
}
