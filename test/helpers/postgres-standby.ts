import { join } from 'node:path'
import type { Owner } from './folder.ts'
import { type ServerProcess, startServerProcess } from './postgres-process.ts'
import { runProgram, serverFolder } from './postgres-programs.ts'
import { until } from './wait.ts'

export interface Standby extends ServerProcess {
  /** Makes it a primary. */
  promote(): void
}

/** Starts a standby, and makes every commit of the primary wait for it. */
export async function startSyncStandby(t: Owner, primary: ServerProcess): Promise<Standby> {
  const folder = await serverFolder(t)
  const data = join(folder, 'data')
  const from = `host=${primary.folder} port=${primary.port} user=postgres application_name=standby`
  runProgram(folder, 'pg_basebackup', '-D', data, '-d', from, '-X', 'stream', '-c', 'fast', '-R', '--no-sync')
  const standby = await startServerProcess(t, folder, data, {})
  await primary.admin("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
  await primary.admin('SELECT pg_reload_conf()')
  await until('the standby is synchronous', async () => {
    const [row] = await primary.admin("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")
    return row !== undefined
  })
  return {
    ...standby,
    promote: () => runProgram(folder, 'pg_ctl', 'promote', '-D', data, '-w'),
  }
}
