import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const tests = fileURLToPath(new URL('..', import.meta.url))

/** The test files of a folder below `test/`, as paths from there. */
export const filesOf = (folder: string): readonly string[] =>
  globSync(`${folder}/**/*.test.ts`, { cwd: tests }).sort()

/**
 * Runs the tests of a folder in this process, one after the other: a process for each file would spend most of its time
 * on loading the same modules. None begins before all files are loaded, since loading holds up the event loop.
 */
export async function together(folder: string): Promise<void> {
  const loaded = Promise.withResolvers<void>()
  test(`the tests of test/${folder} are loaded`, () => loaded.promise)
  for (const file of filesOf(folder)) await import(pathToFileURL(join(tests, file)).href)
  loaded.resolve()
}
