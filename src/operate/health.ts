import type { FastifyInstance } from 'fastify'
import type { DeliveryState } from '../deliver/deliver.ts'
import { errorCatalogue } from '../errors.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { version } from '../version.ts'

export interface HealthDeps {
  readonly inbox: Inbox
  readonly maxPending: number
  readonly deliveryState: () => DeliveryState
  readonly lifecycle: () => 'starting' | 'running' | 'draining'
}

interface Check {
  readonly ok: boolean
  readonly reason?: string
  readonly [fact: string]: unknown
}

const unknown: Check = { ok: false, reason: 'not known while the store fails' }

/** Probes: without authentication, cheap, never touching Genesys Cloud. GET and HEAD. */
export function registerHealth(server: FastifyInstance, deps: HealthDeps): void {
  const { inbox, maxPending, lifecycle } = deps

  async function checks(): Promise<Record<'lifecycle' | 'store' | 'inbox', Check>> {
    const stage = lifecycle()
    const running: Check = stage === 'running' ? { ok: true } : { ok: false, reason: stage }
    try {
      await inbox.checkWritable()
      return { lifecycle: running, store: { ok: true }, inbox: await room() }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      const reason = `${errorCatalogue.store_unavailable.title} (${code})`
      return { lifecycle: running, store: { ok: false, reason }, inbox: await room().catch(() => unknown) }
    }
  }

  async function room(): Promise<Check> {
    const { pending } = await inbox.stats()
    const full = pending >= maxPending
    return { ok: !full, pending, maxPending, ...(full && { reason: errorCatalogue.inbox_full.title }) }
  }

  function delivery(): Check {
    const { state, pausedUntil, reason } = deps.deliveryState()
    const entry = reason === undefined ? undefined : errorCatalogue[reason]
    return {
      ok: reason === undefined,
      state,
      ...(pausedUntil !== undefined && {
        pausedUntil: new Date(pausedUntil).toISOString(),
        code: 'rate_limited',
      }),
      ...(entry !== undefined && { code: reason, reason: entry.title, remedy: entry.remedy }),
    }
  }

  server.get('/livez', async (_request, reply) => {
    if (!deps.deliveryState().wedged) return { status: 'ok' }
    return reply.code(503).send({ status: 'unavailable', reasons: [errorCatalogue.delivery_stuck.title] })
  })
  server.get('/startupz', async (_request, reply) => {
    const started = lifecycle() !== 'starting'
    return reply.code(started ? 200 : 503).send({ status: started ? 'ok' : 'starting' })
  })
  server.get('/readyz', async (_request, reply) => {
    const failing = Object.entries(await checks()).filter(([, check]) => !check.ok)
    if (failing.length === 0) return { status: 'ok' }
    return reply
      .code(503)
      .send({ status: 'unavailable', reasons: failing.map(([name, { reason }]) => `${name}: ${reason}`) })
  })
  server.get('/health', async (_request, reply) => {
    const receiving = await checks()
    const ready = Object.values(receiving).every(({ ok }) => ok)
    const delivering = delivery()
    const status = ready ? (delivering.ok ? 'ok' : 'degraded') : 'unavailable'
    return reply
      .code(ready ? 200 : 503)
      .send({ status, version, checks: { ...receiving, delivery: delivering } })
  })
}
