import type { Durability } from '../inbox.ts'
import type { Query } from './connections.ts'

interface Settings {
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  readonly synchronous_standby_names: string
}

/** Reads the settings of the server that decide what an accepted event survives. Needs no special right. */
export async function readDurability(
  query: Query,
): Promise<Durability & { readonly hasSyncStandby: boolean }> {
  const [row] = await query<Settings & Record<string, unknown>>(
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
      current_setting('synchronous_commit') AS synchronous_commit,
      current_setting('synchronous_standby_names') AS synchronous_standby_names`,
  )
  if (row === undefined) throw new Error('no settings')
  return describeDurability(row)
}

/** Pure. */
export function describeDurability(settings: Settings): Durability & { readonly hasSyncStandby: boolean } {
  const { fsync, full_page_writes: fullPageWrites, synchronous_commit: commit } = settings
  const standbys = settings.synchronous_standby_names.trim() !== ''
  const warnings: string[] = []
  if (fsync === 'off')
    warnings.push('fsync=off: a power cut or crash of the machine can lose accepted events')
  if (fullPageWrites === 'off')
    warnings.push(
      'full_page_writes=off: a power cut can damage the database, unless its file system writes pages atomically',
    )
  if (commit === 'off')
    warnings.push(
      'synchronous_commit=off: the service stores events with synchronous_commit=on, whatever the default is',
    )
  if (standbys && commit === 'local')
    warnings.push(
      'synchronous_commit=local: a commit does not wait for the synchronous standby, so a failover can lose accepted events',
    )
  if (standbys && commit === 'remote_write')
    warnings.push(
      'synchronous_commit=remote_write: a failover loses accepted events if the standby has a power cut at the same time',
    )
  const hasSyncStandby = standbys && commit !== 'local'
  const flushes = fsync !== 'off' && fullPageWrites !== 'off'
  const survives = !flushes ? 'process_end' : hasSyncStandby ? 'failover' : 'power_cut'
  return { survives, warnings, hasSyncStandby }
}
