import { setTimeout as sleep } from 'node:timers/promises'
import { fileVersion } from '../../enrich/lookups/file-version.ts'

const pollMs = 300

/**
 * Runs `round` now and each time one of these files, or of those it has read, has changed, until SIGINT or SIGTERM. It
 * returns what it has read with the `fileVersion` before that, so that no change is missed while it runs.
 */
export async function watch(
  own: readonly string[],
  round: () => Promise<ReadonlyMap<string, string>>,
): Promise<void> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    let files = own
    while (!stopped.signal.aborted) {
      const seen = await versionsOf(files)
      const read = await round()
      for (const [file, version] of read) if (!seen.has(file)) seen.set(file, version)
      files = [...own, ...read.keys()]
      await changed(seen, files, stopped.signal)
    }
  } finally {
    for (const signal of signals) process.off(signal, stop)
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
