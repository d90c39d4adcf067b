import type { PgBouncer } from '../../../test/helpers/pgbouncer.ts'
import type { TcpProxy } from '../../../test/helpers/tcp-proxy.ts'
import type { Fault } from './fault.ts'

const fault = (proxy: TcpProxy, name: string, passing: Parameters<TcpProxy['pass']>[0]): Fault => ({
  name,
  break: async () => proxy.pass(passing),
  repair: async () => proxy.pass({ kind: 'all' }),
})

/** The data between service and server comes late. */
export const late = (proxy: TcpProxy, delayMs: number) =>
  fault(proxy, `every packet ${delayMs} ms late`, { kind: 'late', delayMs })

export const dripping = (proxy: TcpProxy) =>
  fault(proxy, '20 bytes every 5 ms', { kind: 'drip', bytes: 20, everyMs: 5 })

/** Long enough for a connection to open, so it breaks during a statement. */
export const cut = (proxy: TcpProxy) =>
  fault(proxy, 'connections cut during statements', { kind: 'cut', afterBytes: 3_000 })

/** Nothing comes and nothing is refused, as behind a firewall that drops packets. */
export const silent = (proxy: TcpProxy, ms: number): Fault => ({
  ...fault(proxy, `no packet arrives for ${ms / 1_000} s`, { kind: 'nothing' }),
  holdMs: ms,
})

export const poolerKilled = (pooler: PgBouncer): Fault => ({
  name: 'PgBouncer killed, restarted',
  reason: /cannot be reached|ended the connection/,
  break: pooler.kill,
  repair: pooler.start,
})
