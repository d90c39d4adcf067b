import { after } from 'node:test'
import { type Installation, install } from './installation.ts'

// One for all tests of the process that need no service of their own.
let shared: Promise<Installation> | undefined
const releases: (() => unknown)[] = []
after(async () => {
  for (const release of releases) await release()
})

/** An installation for tests that only add events of their own. */
export function sharedInstallation(): Promise<Installation> {
  shared ??= install({ after: (release) => releases.unshift(release) })
  return shared
}
