import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPage } from '../docs/markdown.ts'

export const proxyFile = fileURLToPath(new URL('../../docker/haproxy.cfg', import.meta.url))

export const proxyText = await readPage('docker/haproxy.cfg')

/** The path of HAProxy; undefined: it is not on this machine. */
export const haproxy = ['/usr/sbin', ...(process.env.PATH ?? '').split(':')]
  .map((folder) => join(folder, 'haproxy'))
  .find(existsSync)

/** The reason to skip tests that need HAProxy. Never skips with CI=true. */
export const skipWithoutHaproxy =
  haproxy === undefined && !process.env.CI ? 'not on this machine: haproxy' : false

/** The section of the file with this title, such as `backend ingest`. */
export const sectionOf = (title: string): string =>
  new RegExp(`^${title}$[\\s\\S]*?(?=^\\S|$(?![\\s\\S]))`, 'm').exec(proxyText)?.[0] ?? ''
