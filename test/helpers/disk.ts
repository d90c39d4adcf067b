import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Owner, temporaryFolder } from './folder.ts'

const run = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0

/** A folder on a file system of its own, gone after the test; undefined where none can be mounted. */
function mounted(t: Owner, ...args: readonly string[]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'enricher-disk-'))
  const isMounted = run('mount', ...args, folder)
  t.after(() => {
    // Lazily, since it may be in use until the service is ended, which comes after this.
    if (isMounted) run('umount', '--lazy', folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return isMounted ? folder : undefined
}

/** A disk that a test can take from a running process. */
export interface Disk {
  /** What it is, for people. */
  readonly kind: string
  readonly folder: string
  /** From now on the process can write no more. */
  fail(pid: number): Promise<void>
  /** Now it can again. */
  mend(pid: number): Promise<void>
}

/** Why there are no such disks here; with CI=true the tests run, and fail. */
export const noDisks =
  !run('prlimit', '--version') && !process.env.CI ? 'not on this machine: prlimit' : false

/** A process that may not make files longer than that; Node.js ignores the signal, so that the write fails. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void => {
  if (!run('prlimit', '--pid', String(pid), `--fsize=${bytes}:`)) throw new Error('prlimit failed')
}

const mebibytes = 8

/** A small disk that becomes full; where none can be mounted, files that may not grow. */
export async function fillableDisk(t: Owner): Promise<Disk> {
  const folder = mounted(t, '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs')
  if (folder === undefined) return limitedDisk(t)
  const filling = join(folder, 'filling')
  return {
    kind: 'a small tmpfs',
    folder,
    fail: async () => {
      const tooMuch = Buffer.alloc(2 * mebibytes * 1024 * 1024)
      await assert.rejects(writeFile(filling, tooMuch), { code: 'ENOSPC' })
    },
    mend: () => truncate(filling, 0),
  }
}

/** A disk on which no write succeeds, not even within a file as it is. */
export async function limitedDisk(t: Owner): Promise<Disk> {
  return {
    kind: 'a limit on the size of files',
    folder: await temporaryFolder(t),
    fail: async (pid) => limitFiles(pid, 0),
    mend: async (pid) => limitFiles(pid, 'unlimited'),
  }
}

/** A disk that the kernel makes read-only under the process, as it does after an error; `mend` needs the process to be gone. */
export async function readOnlyDisk(t: Owner): Promise<Disk> {
  const image = join(await temporaryFolder(t), 'image')
  await writeFile(image, '')
  await truncate(image, 2 * mebibytes * 1024 * 1024)
  const options = ['-t', 'ext4', '-o', 'loop,errors=remount-ro', image] as const
  const folder = run('mkfs.ext4', '-q', image) ? mounted(t, ...options) : undefined
  // The limit is gone with its process.
  if (folder === undefined) return { ...(await limitedDisk(t)), mend: async () => undefined }
  return {
    kind: 'ext4 after an error',
    folder,
    fail: async () => {
      const { stdout } = spawnSync('findmnt', ['-no', 'SOURCE', folder], { encoding: 'utf8' })
      await writeFile(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, 'a test')
    },
    mend: async () => {
      assert.ok(run('umount', folder) && run('mount', ...options, folder))
    },
  }
}
