import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Owner, temporaryFolder } from './folder.ts'

const run = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0

/** Mounts a file system for the test. Undefined if mounting is not possible. */
export function mountForTest(t: Owner, ...args: readonly string[]): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'enricher-disk-'))
  const isMounted = run('mount', ...args, folder)
  t.after(() => {
    // Lazy: the service, which ends later, may still use it.
    if (isMounted) run('umount', '--lazy', folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return isMounted ? folder : undefined
}

/** A disk that a test can make fail under a running process. */
export interface Disk {
  /** Name for diagnostics. */
  readonly kind: string
  readonly folder: string
  /** Only writes of the process fail: it must not be the process of the test. */
  readonly isLimitOfProcess: boolean
  /** Makes all writes of the process fail. */
  fail(pid: number): Promise<void>
  /** Makes writes succeed again. */
  repair(pid: number): Promise<void>
}

/** The reason to skip disk tests. Never skips with CI=true. */
export const skipWithoutDisks =
  !run('prlimit', '--version') && !process.env.CI ? 'not on this machine: prlimit' : false

/** Limits the file size of a process. Node.js ignores SIGXFSZ, so writes fail with an error. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void => {
  if (!run('prlimit', '--pid', String(pid), `--fsize=${bytes}:`)) throw new Error('prlimit failed')
}

const mebibytes = 8

/** A small disk that becomes full; without mounts, files that cannot grow. */
export async function fillableDisk(t: Owner): Promise<Disk> {
  const folder = mountForTest(t, '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs')
  if (folder === undefined) return limitedDisk(t)
  const filling = join(folder, 'filling')
  return {
    kind: 'a small tmpfs',
    folder,
    isLimitOfProcess: false,
    fail: async () => {
      const tooMuch = Buffer.alloc(2 * mebibytes * 1024 * 1024)
      await assert.rejects(writeFile(filling, tooMuch), { code: 'ENOSPC' })
    },
    repair: () => truncate(filling, 0),
  }
}

/** A disk on which every write fails, even without growing a file. */
export async function limitedDisk(t: Owner): Promise<Disk> {
  return {
    kind: 'a limit on the size of files',
    folder: await temporaryFolder(t),
    isLimitOfProcess: true,
    fail: async (pid) => limitFiles(pid, 0),
    repair: async (pid) => limitFiles(pid, 'unlimited'),
  }
}

/** A disk that the kernel remounts read-only, as after an error. Call `repair` only after the process has ended. */
export async function readOnlyDisk(t: Owner): Promise<Disk> {
  const image = join(await temporaryFolder(t), 'image')
  await writeFile(image, '')
  await truncate(image, 2 * mebibytes * 1024 * 1024)
  const options = ['-t', 'ext4', '-o', 'loop,errors=remount-ro', image] as const
  const folder = run('mkfs.ext4', '-q', image) ? mountForTest(t, ...options) : undefined
  // The limit ends with its process.
  if (folder === undefined) return { ...(await limitedDisk(t)), repair: async () => undefined }
  return {
    kind: 'ext4 after an error',
    folder,
    isLimitOfProcess: false,
    fail: async () => {
      const { stdout } = spawnSync('findmnt', ['-no', 'SOURCE', folder], { encoding: 'utf8' })
      await writeFile(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, 'a test')
    },
    repair: async () => {
      assert.ok(run('umount', folder) && run('mount', ...options, folder))
    },
  }
}

/** A folder on a file system that is mounted read-only after `fill` has run. Undefined if mounting is not possible. */
export async function readOnlyFolder(
  t: Owner,
  fill: (folder: string) => Promise<void>,
): Promise<string | undefined> {
  const folder = mountForTest(t, '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs')
  if (folder === undefined) return undefined
  await fill(folder)
  assert.ok(run('mount', '-o', 'remount,ro', folder))
  return folder
}
