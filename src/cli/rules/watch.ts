import { setTimeout as sleep } from 'node:timers/promises'
import { fileVersion } from '../../enrich/lookups/file-version.ts'

const pollMs = 300

/**
 * Runs `round` now and each time one of its files has changed, until SIGINT or SIGTERM. It returns the files; what
 * changes while it runs counts from the round before, so that no change is missed.
 */
export async function watch(
  first: readonly string[],
  round: () => Promise<readonly string[]>,
): Promise<void> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    let files = first
    while (!stopped.signal.aborted) {
      const seen = await versionsOf(files)
      files = await round()
      for (const [file, version] of await versionsOf(files)) if (!seen.has(file)) seen.set(file, version)
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
