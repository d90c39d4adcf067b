import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { DeliveryState } from '../deliver/dispatcher.ts'
import type { RuleSet } from '../enrich/evaluate.ts'
import { errorCatalogue, Problem } from '../errors.ts'
import type { DeadLetter, Inbox } from '../inbox/inbox.ts'
import { positionOf } from '../ingest/authenticate/credentials.ts'
import { bearer, tokenDigest } from '../ingest/authenticate/tokens.ts'
import { dryRun } from './dry-run.ts'
import type { Totals } from './totals.ts'

export interface AdminDeps {
  readonly adminToken: string
  readonly inbox: Inbox
  readonly deliveryState: () => DeliveryState
  readonly budget: () => { allowed: number; remaining: number; resetAt: number | undefined }
  readonly rules: () => RuleSet
  readonly totals: Readonly<Totals>
  readonly now: () => number
}

export const deadLetterQuery = z.strictObject({
  code: z.string().optional(),
  limit: z.coerce.number('must be a whole number from 1 to 500').int().min(1).max(500).default(50),
  cursor: z.coerce.number('must be the nextCursor of an earlier answer').int().min(0).optional(),
})

const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()

/** What an operator sees, for holders of the admin token. Times are ISO 8601; attribute values are not shown. */
export function registerAdmin(server: FastifyInstance, deps: AdminDeps): void {
  const { inbox, totals, now } = deps
  const accepted = [tokenDigest(deps.adminToken)]
  server.register((admin, _options, done) => {
    admin.addHook('onRequest', async (request) => {
      const given = bearer(request)
      if (given !== undefined && positionOf(tokenDigest(given), accepted) > 0) return
      request.log.warn({ code: 'unauthorized', from: request.ip }, 'admin request refused')
      throw new Problem('unauthorized')
    })

    admin.get('/admin/status', async () => {
      const { pending, inFlight, dead, oldestAcceptedAt } = await inbox.stats()
      const { state, pausedUntil, reason } = deps.deliveryState()
      const { allowed, remaining, resetAt } = deps.budget()
      return {
        inbox: {
          pending,
          inFlight,
          dead,
          oldestPendingMs: oldestAcceptedAt === undefined ? null : now() - oldestAcceptedAt,
        },
        delivery: {
          state,
          pausedUntil: isoTime(pausedUntil),
          reason: reason ?? null,
          budget: { allowed, remaining, resetAt: isoTime(resetAt) },
        },
        totals,
      }
    })

    admin.get('/admin/dead-letters', async (request) => {
      const query = deadLetterQuery.safeParse(request.query)
      if (!query.success) {
        const [issue] = query.error.issues
        throw new Problem('invalid_request', `${issue?.path.join('.') || 'query'}: ${issue?.message}.`)
      }
      const { code, limit, cursor } = query.data
      const page = await inbox.deadLetters({
        limit,
        ...(code !== undefined && { code }),
        ...(cursor !== undefined && { after: cursor }),
      })
      return { items: page.map(present), nextCursor: page.length === limit ? page.at(-1)?.sequence : null }
    })
    admin.post('/admin/rules/evaluate', async (request) => dryRun(request.body, deps.rules(), now()))
    done()
  })
}

function present({
  sequence,
  identity,
  code,
  detail,
  acceptedAt,
  diedAt,
  event,
}: DeadLetter): Record<string, unknown> {
  const entry = Object.entries(errorCatalogue).find(([name]) => name === code)?.[1]
  return {
    id: identity,
    sequence,
    code,
    detail: detail ?? entry?.title ?? null,
    remedy: entry?.remedy ?? null,
    acceptedAt: isoTime(acceptedAt),
    diedAt: isoTime(diedAt),
    type: event.type,
    topic: event.topic ?? null,
    eventId: event.id ?? null,
    conversationId: event.conversationId,
    participantId: event.participantId ?? null,
  }
}
