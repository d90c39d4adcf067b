import type { FastifyInstance } from 'fastify'
import { errorCatalogue } from '../errors.ts'
import type { HealthReport } from './health-report.ts'
import { health, probe } from './health-schemas.ts'

/** Probes, GET and HEAD. No authentication; they never call Genesys Cloud. */
export function registerHealth(server: FastifyInstance, report: HealthReport): void {
  server.register((probes, _options, done) => {
    probes.get(
      '/livez',
      {
        schema: probe({
          operationId: 'isAlive',
          summary: 'Liveness',
          ok: 'The process answers.',
          unavailable: 'Delivery is stuck and a new limiter did not help; restart the process.',
        }),
      },
      async (_request, reply) => {
        if (report.alive()) return { status: 'ok' }
        return reply.code(503).send({ status: 'unavailable', reasons: [errorCatalogue.delivery_stuck.title] })
      },
    )
    probes.get(
      '/startupz',
      {
        schema: probe({
          operationId: 'isStarted',
          summary: 'Startup',
          ok: 'The service has started.',
          unavailable: 'The service is still starting.',
        }),
      },
      async (_request, reply) => {
        const started = report.started()
        return reply.code(started ? 200 : 503).send({ status: started ? 'ok' : 'starting' })
      },
    )
    probes.get(
      '/readyz',
      {
        schema: probe({
          operationId: 'isReady',
          summary: 'Readiness',
          ok: 'The service accepts events.',
          unavailable: 'Draining, overloaded, inbox not writable, or inbox full; see `reasons`.',
        }),
      },
      async (_request, reply) => {
        const failing = Object.entries(await report.receiving()).filter(([, check]) => !check.ok)
        if (failing.length === 0) return { status: 'ok' }
        const reasons = failing.map(([name, { reason }]) => `${name}: ${reason}`)
        return reply.code(503).send({ status: 'unavailable', reasons })
      },
    )
    probes.get(
      '/health',
      {
        schema: probe({
          operationId: 'getHealth',
          summary: 'Readiness and the state of all parts',
          ok: 'The service accepts events. `degraded`: another part fails.',
          unavailable: 'As for `/readyz`.',
          answer: health,
        }),
      },
      async (_request, reply) => {
        const answer = await report.read()
        return reply.code(answer.status === 'unavailable' ? 503 : 200).send(answer)
      },
    )
    done()
  })
}
