import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Who ends what was started: a test, or a benchmark. */
export interface Owner {
  after(release: () => unknown): void
}

/** A folder of the test's own, removed after it. */
export async function temporaryFolder(t: Owner, parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'genesys-enricher-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
