import type { Owner } from '../../test/helpers/folder.ts'
import type { PostgresServer } from '../../test/helpers/postgres.ts'
import { ours, type Target } from '../ingest/targets.ts'
import { childrenOf, cpuTime, parentOf } from './cpu-time.ts'

export type Engine = 'sqlite' | 'postgres'

/** A running service, with the processor time that it and its store have used, in µs. */
export interface Running extends Target {
  cpu(): { readonly service: number; readonly server: number }
}

/** Opens the service on a new store of the engine. */
export function createEngines(server: PostgresServer) {
  return async (engine: Engine, owner: Owner): Promise<Running> => {
    if (engine === 'sqlite') {
      const target = await ours(owner)
      return { ...target, cpu: () => ({ service: cpuTime(target.pid), server: 0 }) }
    }
    const target = await ours(owner, { STORE_URL: await server.createStore() })
    const main = await mainProcess(server)
    return { ...target, cpu: () => ({ service: cpuTime(target.pid), server: timeOfAll(main) }) }
  }
}

async function mainProcess(server: PostgresServer): Promise<number> {
  const [row] = await server.admin<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
  )
  if (row === undefined) throw new Error('the server has no checkpointer')
  return parentOf(row.pid)
}

const timeOfAll = (main: number): number =>
  [main, ...childrenOf(main)].reduce((sum, pid) => sum + cpuTime(pid), 0)
