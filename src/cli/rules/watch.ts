import { setTimeout as sleep } from 'node:timers/promises'
import { fileVersion } from '../../lookups/file-version.ts'

const pollMs = 300

/**
 * Calls `run` now and after each change of a watched file, until `stopped` aborts. `run` returns the further files
 * it read, each with its `fileVersion` from before the read, so changes during a run are not missed.
 */
export async function watch(
  own: readonly string[],
  run: () => Promise<ReadonlyMap<string, string>>,
  stopped: AbortSignal,
): Promise<void> {
  let files = own
  while (!stopped.aborted) {
    const seen = await versionsOf(files)
    const read = await run()
    for (const [file, version] of read) if (!seen.has(file)) seen.set(file, version)
    files = [...own, ...read.keys()]
    await changed(seen, files, stopped)
  }
}

const versionsOf = async (files: readonly string[]): Promise<Map<string, string>> =>
  new Map(await Promise.all(files.map(async (file) => [file, await fileVersion(file)] as const)))

async function changed(
  seen: ReadonlyMap<string, string>,
  files: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const [file, version] of await versionsOf(files)) if (seen.get(file) !== version) return
    await sleep(pollMs, undefined, { signal }).catch(() => undefined)
  }
}
