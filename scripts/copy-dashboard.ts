import { cpSync, mkdirSync } from 'node:fs'
import { libraryFiles, sourceOf } from '../src/dashboard/libraries.ts'

/** Copies the files of the dashboard into the build: those of the page, and those of its libraries. */
const target = new URL('../dist/dashboard/', import.meta.url)

cpSync(new URL('../src/dashboard/page/', import.meta.url), new URL('page/', target), { recursive: true })
mkdirSync(new URL('libraries/', target))
for (const file of libraryFiles) cpSync(sourceOf(file), new URL(`libraries/${file.name}`, target))
