import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Releases resources at its end: a test or a benchmark. */
export interface Owner {
  after(release: () => unknown): void
}

/** A temporary folder, removed after the test. */
export async function temporaryFolder(t: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-enricher-test-'))
  // A store that is still open can create a file meanwhile.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Removes the folder in one step: a running service could write into it between two steps. */
export async function removeFolder(folder: string): Promise<void> {
  await rename(folder, `${folder}.removed`)
  await rm(`${folder}.removed`, { recursive: true })
}
