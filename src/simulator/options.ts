import { z } from 'zod'

/** How a simulator is to behave. Everything is optional; the defaults are those of a fresh OAuth client. */
export interface SimulatorOptions {
  /** Address to listen on. Default `127.0.0.1`: nobody but this machine. */
  host?: string | undefined
  /** Port to listen on. Default 0: any free port, read it from `Simulator.url`. */
  port?: number | undefined
  /** OAuth client id that may ask for tokens. Default `demo`. */
  clientId?: string | undefined
  /** Secret of that client. Default `demo`. */
  clientSecret?: string | undefined
  /**
   * Calls a token may make in one window. Default 300, the limit Genesys documents for client credentials.
   */
  rateLimit?: number | undefined
  /** Length of the rate window, in milliseconds. Default 60,000. */
  rateWindowMs?: number | undefined
  /**
   * How many milliseconds of its first window have already passed at start (0 ≤ phase < window). Default
   * `random`, since a client never knows where in the server's window it begins. Fix it for repeatable runs.
   */
  windowPhaseMs?: number | 'random' | undefined
  /**
   * Milliseconds added to each answer under `/api/`. Default 0. The call itself takes effect before the wait.
   */
  latencyMs?: number | undefined
  /**
   * Default true: unknown conversations and participants answer 404. False: they are created on first use,
   * which is handy for load tests but hides wrong ids.
   */
  strict?: boolean | undefined
  /** Life of an access token, in milliseconds. Default 86,400,000 (one day, as in Genesys). */
  tokenLifeMs?: number | undefined
  /**
   * Life of a channel of the notification service, in milliseconds. Default 86,400,000 (one day, as in Genesys). By
   * real time, whatever `now` says.
   */
  channelLifeMs?: number | undefined
  /** Milliseconds between two heartbeats on a websocket. Default 30,000, as in Genesys. */
  heartbeatMs?: number | undefined
  /** Clock, epoch milliseconds; decides windows, token life and times in the record. Default `Date.now`. */
  now?: (() => number) | undefined
}

const longestTimerMs = 2_147_483_647

const optionsSchema = z
  .object({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(0),
    clientId: z.string().min(1).default('demo'),
    clientSecret: z.string().min(1).default('demo'),
    rateLimit: z.int().min(1).default(300),
    rateWindowMs: z.int().min(1).default(60_000),
    windowPhaseMs: z.union([z.int().min(0), z.literal('random')]).default('random'),
    latencyMs: z.int().min(0).max(600_000).default(0),
    strict: z.boolean().default(true),
    tokenLifeMs: z.int().min(1).default(86_400_000),
    channelLifeMs: z.int().min(1).max(longestTimerMs).default(86_400_000),
    heartbeatMs: z.int().min(1).max(longestTimerMs).default(30_000),
    now: z
      .custom<() => number>((value) => typeof value === 'function', 'must be a function')
      .default(() => Date.now),
  })
  .refine(({ windowPhaseMs, rateWindowMs }) => windowPhaseMs === 'random' || windowPhaseMs < rateWindowMs, {
    path: ['windowPhaseMs'],
    message: 'must be less than rateWindowMs',
  })

export type ResolvedOptions = z.output<typeof optionsSchema>

/** Fills in the defaults. Throws a `RangeError` that names every option out of its range. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new RangeError(`Simulator options: ${problems.join('; ')}`)
}
