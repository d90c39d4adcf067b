import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown } from 'node:fs/promises'
import { join } from 'node:path'
import { type Owner, temporaryFolder } from './folder.ts'

function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = versions.map((version) => join(debian, version, 'bin'))
  return [...folders, ...(process.env.PATH ?? '').split(':')].find((folder) =>
    existsSync(join(folder, 'initdb')),
  )
}

const binaries = findBinaries()

/** The reason to skip tests that need a server. Never skips with CI=true. */
export const skipWithoutPostgres =
  binaries === undefined && !process.env.CI ? 'not on this machine: a PostgreSQL server' : false

let user: { readonly uid: number; readonly gid: number } | undefined

/** PostgreSQL refuses to run as root, so root runs it as the user that Debian's package creates. */
export function serverUser() {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  user ??= { uid: idOf('-u'), gid: idOf('-g') }
  return user
}

/** How to start a program of PostgreSQL. */
export const serverProcess = (folder: string) => ({
  ...serverUser(),
  cwd: folder,
  env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
})

/** The path of a program of PostgreSQL. */
export function programOf(name: string): string {
  if (binaries === undefined) throw new Error('no PostgreSQL server: install postgresql')
  return join(binaries, name)
}

/** Runs a program of PostgreSQL to its end. */
export function runProgram(folder: string, name: string, ...args: readonly string[]): void {
  execFileSync(programOf(name), args, { ...serverProcess(folder), stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Makes the folder the server's own. */
export async function giveToServer(folder: string): Promise<void> {
  const owner = serverUser()
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
  await chmod(folder, 0o700)
}

/** A temporary folder that belongs to the server. */
export async function serverFolder(t: Owner): Promise<string> {
  const folder = await temporaryFolder(t)
  await giveToServer(folder)
  return folder
}
