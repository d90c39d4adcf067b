import type { Simulator } from '../../src/simulator/simulator.ts'
import type { Owner } from '../helpers/folder.ts'
import { environmentFor } from '../helpers/process.ts'
import { inFolder } from './harness.ts'

/** A healthy installation, and `doctor` in its folder: in the shared host process, or with `inProcess` in its own. */
export async function setUpDoctor(t: Owner, simulator: Simulator) {
  const { folder, run, inProcess } = await inFolder(t, {}, 'doctor')
  const environment = await environmentFor(folder, simulator)
  return {
    folder,
    environment,
    doctor: (args: readonly string[] = [], changed: Readonly<Record<string, string>> = {}) =>
      run(args, { env: { ...environment, ...changed } }),
    inProcess: () => inProcess([], { env: environment }),
  }
}
