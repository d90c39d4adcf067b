import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, sendAnswer } from './answers.ts'
import type { CallLog, CallSubject } from './call-log.ts'
import { type Faults, faultAnswer, withFaultHeaders } from './faults.ts'

/** The result of a call, with what the call log needs. */
export interface Outcome {
  readonly answer: Answer
  readonly authorized: boolean
  readonly applied?: boolean
  readonly afterEnd?: boolean
}

/** One request and its response: the call's target and the handler that runs unless a fault answers. */
export interface Exchange {
  readonly style: 'oauth' | 'platform'
  readonly subject: CallSubject
  /** Milliseconds between the call taking effect and its response. */
  readonly latencyMs: number
  /** Whether the caller is authenticated; used when a fault answers instead of `answer`. */
  authorized(): boolean
  answer(correlationId: string): Outcome
}

export interface Gateway {
  /** Logs the call, applies faults, answers. */
  serve(request: FastifyRequest, reply: FastifyReply, exchange: Exchange): Promise<FastifyReply>
}

export interface GatewayDependencies {
  readonly calls: CallLog
  readonly faults: Faults
  readonly resetSeconds: (nowMs: number) => number
  readonly now: () => number
}

/**
 * Serves all calls to login and API. Faults apply before authentication and rate limit, like those
 * of a real gateway, so a call that a fault answers spends no budget.
 */
export function createGateway({ calls, faults, resetSeconds, now }: GatewayDependencies): Gateway {
  return {
    async serve(request, reply, exchange) {
      const [path = ''] = request.url.split('?', 1)
      const end = calls.open({ at: now(), method: request.method, path, subject: exchange.subject })
      const fault = faults.take(request.method, path)
      await delay(fault?.delayMs ?? 0, reply.raw)

      if (fault?.reset === true) {
        const disconnected = reply.raw.destroyed
        const authorized = exchange.authorized()
        end({ status: 0, authorized, applied: false, afterEnd: false, disconnected })
        reply.hijack()
        request.raw.socket.resetAndDestroy()
        return reply
      }

      const correlationId = randomUUID()
      const outcome: Outcome =
        fault?.status === undefined
          ? withFaultHeaders(fault, exchange.answer(correlationId))
          : {
              answer: faultAnswer(fault, fault.status, {
                style: exchange.style,
                correlationId,
                resetSeconds: resetSeconds(now()),
              }),
              authorized: exchange.authorized(),
            }
      await delay(exchange.latencyMs, reply.raw)

      const { answer, authorized, applied = false, afterEnd = false } = outcome
      // End before sending: a client that has read the response finds the call in the log and not in flight.
      end({ status: answer.status, authorized, applied, afterEnd, disconnected: reply.raw.destroyed })
      reply.header('ININ-Correlation-Id', correlationId)
      return sendAnswer(reply, answer)
    },
  }
}

/**
 * Waits `delayMs` or until the client disconnects; then the call continues at once. So the retry of a client that
 * gave up never overlaps with its first call.
 */
async function delay(delayMs: number, response: ServerResponse): Promise<void> {
  if (delayMs <= 0 || response.destroyed) return
  const closed = new AbortController()
  const abort = () => closed.abort()
  response.once('close', abort)
  await sleep(delayMs, undefined, { signal: closed.signal }).catch(() => undefined)
  response.off('close', abort)
}
