import type { Config } from '../config/config.ts'
import type { Answer } from '../genesys/classify.ts'
import { createGenesys } from '../genesys/genesys.ts'
import { createHttp, type HttpAnswer, type HttpClient } from '../http/client.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'

/** A UUID of version 4 whose random bits are all zero: no conversation has it. */
const unknownId = '00000000-0000-4000-8000-000000000000'

/** One request and its answer. Times are epoch ms. */
export interface Exchange {
  readonly url: string
  readonly sentAt: number
  readonly receivedAt: number
  /** Undefined if no answer came. */
  readonly answer: HttpAnswer | undefined
}

/** The read of a conversation that does not exist, with the token request before it. */
export interface Attempt {
  readonly answer: Answer
  readonly login: readonly Exchange[]
  /** Empty if no token was received, so that no call was possible. */
  readonly api: readonly Exchange[]
}

export interface AttemptDeps {
  /** Epoch ms. */
  readonly now: () => number
  readonly timeoutMs: number
  readonly proxy: OutgoingProxy | undefined
}

/**
 * Reads a conversation that does not exist as the service would read one, and so changes nothing. It takes one call; if the
 * API refuses the token, two, as the service would get a new token and try again.
 */
export async function readUnknownConversation(
  client: Config['genesys'],
  { now, timeoutMs, proxy }: AttemptDeps,
): Promise<Attempt> {
  const exchanges: Exchange[] = []
  const sender = recording(createHttp({ timeoutMs, maxSockets: 1, proxy }), exchanges, now)
  const genesys = createGenesys({ ...client, maxInFlight: 1, now }, sender)
  try {
    let { answer } = await genesys.readParticipants(unknownId)
    if (answer.kind === 'token_expired') answer = (await genesys.readParticipants(unknownId)).answer
    const isLogin = ({ url }: Exchange) => url === `${client.loginUrl}/oauth/token`
    return {
      answer,
      login: exchanges.filter(isLogin),
      api: exchanges.filter((exchange) => !isLogin(exchange)),
    }
  } finally {
    genesys.close()
  }
}

const recording = (
  { http, ...client }: HttpClient,
  exchanges: Exchange[],
  now: () => number,
): HttpClient => ({
  ...client,
  http: async (request) => {
    const sentAt = now()
    const result = await http(request)
    const answer = result.kind === 'answered' ? result.answer : undefined
    exchanges.push({ url: request.url, sentAt, receivedAt: now(), answer })
    return result
  },
})
