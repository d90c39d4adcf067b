import { z } from 'zod'

/** All options are optional; the defaults match a new OAuth client. */
export interface SimulatorOptions {
  /** Address to listen on. Default `127.0.0.1`: reachable from this machine only. */
  host?: string | undefined
  /** Port to listen on. Default 0: a free port, see `Simulator.url`. */
  port?: number | undefined
  /** Accepted OAuth client id. Default `demo`. */
  clientId?: string | undefined
  /** Secret of that client. Default `demo`. */
  clientSecret?: string | undefined
  /** Calls per token and window. Default 300, the limit Genesys documents for client credentials. */
  rateLimit?: number | undefined
  /** Whether each token has its own count, or all tokens of the OAuth client share one. Default `token`. */
  limitPer?: 'token' | 'client' | undefined
  /** Length of the rate window, in milliseconds. Default 60,000. */
  rateWindowMs?: number | undefined
  /**
   * Age of the first window at start, in milliseconds (0 ≤ phase < window). Default
   * `random`, since a client cannot know the server's window. Set it for repeatable runs.
   */
  windowPhaseMs?: number | 'random' | undefined
  /** Delay of each response under `/api/`, in milliseconds. Default 0. The call takes effect before the delay. */
  latencyMs?: number | undefined
  /**
   * Default true: 404 for unknown conversations and participants. False: creates them on first use, which is
   * useful for load tests but hides wrong ids.
   */
  strict?: boolean | undefined
  /** Life of an access token, in milliseconds. Default 86,400,000 (one day, as in Genesys). */
  tokenLifeMs?: number | undefined
  /**
   * Life of a channel of the notification service, in milliseconds. Default 86,400,000 (one day, as in Genesys).
   * Measured in real time, not by `now`.
   */
  channelLifeMs?: number | undefined
  /** Milliseconds between two heartbeats on a websocket. Default 30,000, as in Genesys. */
  heartbeatMs?: number | undefined
  /** Clock in epoch milliseconds, for rate windows, token life and the call log. Default `Date.now`. */
  now?: (() => number) | undefined
}

const maxTimerMs = 2_147_483_647

const optionsSchema = z
  .object({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(0),
    clientId: z.string().min(1).default('demo'),
    clientSecret: z.string().min(1).default('demo'),
    rateLimit: z.int().min(1).default(300),
    limitPer: z.enum(['token', 'client']).default('token'),
    rateWindowMs: z.int().min(1).default(60_000),
    windowPhaseMs: z.union([z.int().min(0), z.literal('random')]).default('random'),
    latencyMs: z.int().min(0).max(600_000).default(0),
    strict: z.boolean().default(true),
    tokenLifeMs: z.int().min(1).default(86_400_000),
    channelLifeMs: z.int().min(1).max(maxTimerMs).default(86_400_000),
    heartbeatMs: z.int().min(1).max(maxTimerMs).default(30_000),
    now: z
      .custom<() => number>((value) => typeof value === 'function', 'must be a function')
      .default(() => Date.now),
  })
  .refine(({ windowPhaseMs, rateWindowMs }) => windowPhaseMs === 'random' || windowPhaseMs < rateWindowMs, {
    path: ['windowPhaseMs'],
    message: 'must be less than rateWindowMs',
  })

export type ResolvedOptions = z.output<typeof optionsSchema>

/** Applies the defaults. Throws a `RangeError` that lists all options out of range. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new RangeError(`Simulator options: ${problems.join('; ')}`)
}
