import Fastify, { type FastifyInstance } from 'fastify'
import { createCallLog } from './call-log.ts'
import { controlApi } from './control-api.ts'
import { createControls, type SimulatorControls } from './controls.ts'
import { createConversations } from './conversations.ts'
import { createFaults } from './faults.ts'
import { createGateway } from './gateway.ts'
import { loginApi } from './login-api.ts'
import { createNotifications } from './notifications.ts'
import { notificationsApi } from './notifications-api.ts'
import { resolveOptions, type SimulatorOptions } from './options.ts'
import { originOf } from './origin.ts'
import { platformApi } from './platform-api.ts'
import { createServePlatform } from './platform-call.ts'
import { createQueues } from './queues.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { createTokens, type Token } from './tokens.ts'

export type { SimulatedCall } from './call-log.ts'
export type { SimulatorControls } from './controls.ts'
export type { ConversationInput, ConversationView, ParticipantView } from './conversation.ts'
export type { Fault, FaultInput } from './faults.ts'
export type { ChannelView, NotificationInput } from './notifications.ts'
export type { SimulatorOptions } from './options.ts'
export type { QueueInput, QueueView } from './queues.ts'

/** A running Genesys Cloud simulator: login, conversations and notifications on one origin. */
export interface Simulator extends SimulatorControls {
  /** Origin without a trailing slash, such as `http://127.0.0.1:9090`; both the API and the login URL. */
  readonly url: string
  /** Stops listening and drops every connection. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a simulator; resolves when it listens. Rejects with a `RangeError` for options out of range, and with the errors of
 * `listen`, such as `EADDRINUSE`.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options)
  const { host, port, clientId, clientSecret, latencyMs, strict, tokenLifeMs, now, ...rate } = resolved
  const phaseMs = rate.windowPhaseMs === 'random' ? Math.random() * rate.rateWindowMs : rate.windowPhaseMs

  const tokens = createTokens({ lifeMs: tokenLifeMs })
  const rateLimiter = createRateLimiter<Token>({
    allowed: rate.rateLimit,
    windowMs: rate.rateWindowMs,
    phaseMs,
    startedAtMs: now(),
    shared: rate.limitPer === 'client',
  })
  const conversations = createConversations({ strict, now })
  const calls = createCallLog()
  const faults = createFaults()
  const gateway = createGateway({ calls, faults, resetSeconds: rateLimiter.resetSeconds, now })
  const serve = createServePlatform({ gateway, tokens, rateLimiter, latencyMs, now })
  const queues = createQueues({ strict })

  const app = Fastify({
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2048 },
  })
  const notifications = createNotifications({ ...resolved, server: app.server })
  app.addHook('preClose', async () => notifications.close()) // websockets would keep the server from closing
  const controls = createControls({
    calls,
    conversations,
    faults,
    tokens,
    queues,
    rateLimiter,
    notifications,
    now,
  })
  /** Each API has a scope of its own, because each reads bodies in its own way. */
  const registerScope = (api: (scope: FastifyInstance) => void) =>
    app.register((scope, _options, done) => {
      api(scope)
      done()
    })
  app.get('/livez', () => ({ status: 'ok' }))
  registerScope((scope) => loginApi(scope, { gateway, tokens, tokenLifeMs, clientId, clientSecret, now }))
  registerScope((scope) => platformApi(scope, { serve, conversations }))
  // A function, because the port is known only once the server listens.
  const webSocketOrigin = () => originOf(app.server.address()).replace(/^http/, 'ws')
  registerScope((scope) => notificationsApi(scope, { serve, notifications, queues, origin: webSocketOrigin }))
  registerScope((scope) => controlApi(scope, { controls }))
  await app.listen({ host, port })

  const url = originOf(app.server.address())
  let closing: Promise<void> | undefined
  return {
    ...controls,
    url,
    close() {
      closing ??= app.close()
      return closing
    },
  }
}
