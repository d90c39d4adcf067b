import { cpSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { libraryFiles, sourceOf } from '../src/dashboard/libraries.ts'

/**
 * Copies the files of the dashboard into the build: those of the page, and those of its libraries.
 *
 * Usage: node scripts/copy-dashboard.ts [FOLDER]. Default: dist.
 */
const built = pathToFileURL(`${resolve(process.argv[2] ?? 'dist')}/`)
const target = new URL('dashboard/', built)

cpSync(new URL('../src/dashboard/page/', import.meta.url), new URL('page/', target), { recursive: true })
mkdirSync(new URL('libraries/', target), { recursive: true })
for (const file of libraryFiles) cpSync(sourceOf(file), new URL(`libraries/${file.name}`, target))
