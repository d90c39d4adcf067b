import { appendFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { mountForTest } from '../../../test/helpers/disk.ts'
import type { Owner } from '../../../test/helpers/folder.ts'
import { type PostgresServer, role } from '../../../test/helpers/postgres.ts'
import type { ServerProcess } from '../../../test/helpers/postgres-process.ts'
import { giveToServer } from '../../../test/helpers/postgres-programs.ts'
import { until } from '../../../test/helpers/wait.ts'
import type { Fault } from './fault.ts'

/** A small disk that belongs to the server. Undefined if this process may not mount one. */
export async function smallDisk(owner: Owner, mebibytes: number): Promise<string | undefined> {
  const folder = mountForTest(owner, '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs')
  if (folder !== undefined) await giveToServer(folder)
  return folder
}

/** Returns the session settings that create tables on the disk. */
export async function tablespaceOn(server: PostgresServer, folder: string): Promise<string> {
  await server.admin(`CREATE TABLESPACE small LOCATION '${folder}'`)
  await server.admin(`GRANT CREATE ON TABLESPACE small TO ${role.name}`)
  return '-c default_tablespace=small'
}

async function fill(folder: string): Promise<void> {
  const file = join(folder, 'filling')
  const piece = Buffer.alloc(64 * 1024)
  for (;;) {
    try {
      await appendFile(file, piece)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return
      throw error
    }
  }
}

/** The disk of the tables is full: the server goes on, and refuses what needs a new page. */
export const tableDiskFull = (folder: string): Fault => ({
  name: 'disk of the tables full',
  reason: /lacks disk space or memory \(53100\)/,
  break: () => fill(folder),
  repair: () => truncate(join(folder, 'filling'), 0),
})

/**
 * The disk of the write-ahead log is full, since a replication slot keeps the log: the server ends itself (PANIC), and starts only when
 * there is space.
 */
export const logDiskFull = (server: ServerProcess, folder: string): Fault => ({
  name: 'disk of the write-ahead log full',
  reason: /cannot be reached|ended the connection|is starting/,
  break: async () => {
    await server.admin("SELECT pg_create_physical_replication_slot('stuck', true)")
    await fill(folder)
    await until('the server ends', async () => {
      const text = 'x'.repeat(500_000)
      await server.admin("SELECT pg_logical_emit_message(false, 'filling', $1)", [text]).catch(() => {})
      return server.hasEnded()
    })
  },
  repair: async () => {
    await truncate(join(folder, 'filling'), 0)
    await server.start()
    await server.admin("SELECT pg_drop_replication_slot('stuck')")
  },
})
