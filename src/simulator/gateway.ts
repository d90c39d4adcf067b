import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, sendAnswer } from './answer.ts'
import type { CallRecord, CallSubject } from './calls.ts'
import { faultAnswer, withHeadersOf } from './fault-answer.ts'
import type { Faults } from './faults.ts'
import { pause } from './pause.ts'

/** What answering a call came to. */
export interface Outcome {
  readonly answer: Answer
  readonly authorized: boolean
  readonly applied?: boolean
  readonly afterEnd?: boolean
}

/**
 * How one route takes part: what the call is about and what would answer it if no fault stands in the way.
 */
export interface Exchange {
  readonly style: 'oauth' | 'platform'
  readonly subject: CallSubject
  /** Milliseconds between the call taking effect and its answer. */
  readonly latencyMs: number
  /** Whether the caller proves who it is; asked when a fault answers in place of `answer`. */
  authorized(): boolean
  answer(correlationId: string): Outcome
}

export interface Gateway {
  /** Records the call, lets faults happen, answers. */
  serve(request: FastifyRequest, reply: FastifyReply, exchange: Exchange): Promise<FastifyReply>
}

export interface GatewayDependencies {
  readonly calls: CallRecord
  readonly faults: Faults
  readonly resetSeconds: (nowMs: number) => number
  readonly now: () => number
}

/**
 * The front door of login and API. Faults come first, before authentication and the rate window, like those
 * of a real gateway: a call they answer spends nothing.
 */
export function createGateway({ calls, faults, resetSeconds, now }: GatewayDependencies): Gateway {
  return {
    async serve(request, reply, exchange) {
      const [path = ''] = request.url.split('?', 1)
      const end = calls.open({ at: now(), method: request.method, path, subject: exchange.subject })
      const fault = faults.take(request.method, path)
      await pause(fault?.delayMs ?? 0, reply.raw)

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
          ? withHeadersOf(fault, exchange.answer(correlationId))
          : {
              answer: faultAnswer(fault, fault.status, {
                style: exchange.style,
                correlationId,
                resetSeconds: resetSeconds(now()),
              }),
              authorized: exchange.authorized(),
            }
      await pause(exchange.latencyMs, reply.raw)

      const { answer, authorized, applied = false, afterEnd = false } = outcome
      // Ended before it is written: who has read the answer finds the call in the record and no longer under way.
      end({ status: answer.status, authorized, applied, afterEnd, disconnected: reply.raw.destroyed })
      reply.header('ININ-Correlation-Id', correlationId)
      return sendAnswer(reply, answer)
    },
  }
}
