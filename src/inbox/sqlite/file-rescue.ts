import { statSync } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { systemCodeOf } from '../../errors.ts'
import type { FileSituation, Seen } from './file-state.ts'

/** Device and inode of the files of an open inbox. Undefined: the file is not watched. */
export interface FileIds {
  /** The device of the folder. An overlay file system gives its files others. */
  readonly device: bigint | undefined
  readonly file: string | undefined
  readonly wal: string | undefined
  readonly shm: string | undefined
  readonly lock: string | undefined
}

interface DeviceAndInode {
  readonly dev: bigint
  readonly ino: bigint
}

const idOf = ({ dev, ino }: DeviceAndInode): string => `${dev}:${ino}`

/** Never opens a file: closing a second descriptor would end the locks that SQLite holds on it (POSIX). */
export function identify(file: string): FileIds {
  const find = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false })
  const id = (path: string) => {
    const found = find(path)
    return found && idOf(found)
  }
  const device = find(dirname(file))?.dev
  return { device, file: id(file), wal: id(`${file}-wal`), shm: id(`${file}-shm`), lock: id(`${file}.lock`) }
}

/** Compares the files at the paths with those. Undefined if the file system does not say. */
export async function look(file: string, ids: FileIds): Promise<FileSituation | undefined> {
  try {
    const [folder, main, wal, lock] = await Promise.all([
      find(dirname(file)),
      see(file, ids.file),
      see(`${file}-wal`, ids.wal),
      see(`${file}.lock`, ids.lock),
    ])
    const present = folder?.dev === ids.device ? 'present' : 'other_device'
    return { folder: folder === undefined ? 'missing' : present, file: main, wal, lock }
  } catch {
    return undefined
  }
}

async function see(path: string, ours: string | undefined): Promise<Seen> {
  if (ours === undefined) return 'ours'
  const found = await find(path)
  if (found === undefined) return 'missing'
  return idOf(found) === ours ? 'ours' : 'other'
}

async function find(path: string): Promise<DeviceAndInode | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error, ''))) return undefined
    throw error
  }
}

/** 4 MiB: a step blocks the event loop for some milliseconds. */
const pagesPerStep = 1_024

/**
 * Copies the database, with all commits, to the target and replaces an earlier copy. It reads through the open connection, so it needs no
 * file at the path. The copy is on disk when the promise fulfils. SQLite adds what the connection writes meanwhile.
 */
export async function copyDatabase(database: Database.Database, target: string): Promise<void> {
  const part = `${target}.part`
  try {
    await rm(part, { force: true })
    await (await open(part, 'wx', 0o600)).close() // customer data: only for the owner
    await database.backup(part, { progress: () => pagesPerStep })
    await sync(part)
    await rename(part, target)
    await sync(dirname(target))
  } catch (error) {
    for (const path of [part, `${part}-journal`]) await rm(path, { force: true }).catch(() => {})
    throw error
  }
}

/** The file systems that have no second names for files answer with one of these. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/**
 * Gives the file of the open database a second name, so that its rows outlive the removal of the first one. Without links, that is a
 * copy. False: the file at the path is not that of the database any more.
 */
export async function keepUnder(
  name: string,
  { file, database, ids }: { file: string; database: Database.Database; ids: FileIds },
): Promise<boolean> {
  await rm(name, { force: true }) // an older copy
  try {
    await link(file, name)
  } catch (error) {
    const code = systemCodeOf(error, '')
    if (code === 'ENOENT') return false
    if (!noLinks.includes(code)) throw error
    await copyDatabase(database, name)
    return true
  }
  if ((await see(name, ids.file)) === 'ours') return true
  await rm(name, { force: true })
  return false
}

/** Gives the copy the name of the inbox file. Fails with EEXIST if a file has that name. */
export async function putInPlace(copy: string, file: string): Promise<void> {
  await link(copy, file)
  await sync(dirname(file))
}

/** Gives the copy the name of the inbox file, unless a file has that name. */
export async function putBack(copy: string, file: string): Promise<void> {
  try {
    await putInPlace(copy, file)
  } catch (error) {
    if (systemCodeOf(error, '') !== 'EEXIST') throw error
  }
}

/** Throws if the file at the path is none of ours. */
export function identifyOneOf(ours: ReadonlySet<string | undefined>, file: string): FileIds {
  const ids = identify(file)
  if (!ours.has(ids.file)) throw new Error(`another file came to ${file}`)
  return ids
}

/** SQLite would apply a `-wal` that stayed behind to the next file at the path. Call this only after a copy. */
export async function removeOwnWal(file: string, ids: FileIds): Promise<void> {
  for (const [path, id] of [
    [`${file}-wal`, ids.wal],
    [`${file}-shm`, ids.shm],
  ] as const) {
    if (id !== undefined && (await see(path, id)) === 'ours') await rm(path, { force: true })
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
