import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, readAnswer } from './answer.ts'
import type { FuzzRequest } from './request.ts'

/** The responses to a request and the state of its connection. */
export interface Outcome {
  readonly answers: readonly Answer[]
  /** State at the end; `late`: the responses took longer than `timeoutMs`. */
  readonly end: 'open' | 'closed' | 'late' | 'broken' | 'unreachable'
  /** Time from the last written byte to the end. */
  readonly ms: number
}

export interface Connection {
  /** One request at a time. Never rejects. */
  exchange(request: FuzzRequest): Promise<Outcome>
  close(): void
}

/** Maximum time of a response. */
export const timeoutMs = 10_000

/** A connection that stays open as long as the service keeps it, and reconnects afterwards. */
export function createConnection(port: number): Connection {
  let socket: Socket | undefined

  async function open(): Promise<Socket | undefined> {
    if (socket !== undefined && !socket.destroyed && socket.writable && !socket.readableEnded) return socket
    socket?.destroy()
    const fresh = connect({ port, host: '127.0.0.1', noDelay: true })
    // `close` reports a reset.
    fresh.on('error', () => undefined)
    try {
      await once(fresh, 'connect')
    } catch {
      return undefined
    }
    socket = fresh
    return fresh
  }

  return {
    exchange: async (request) => {
      const opened = await open()
      if (opened === undefined) return { answers: [], end: 'unreachable', ms: 0 }
      const outcome = await exchangeOn(opened, request)
      const closing = outcome.answers.some(
        ({ headers }) => headers.get('connection')?.toLowerCase() === 'close',
      )
      if (outcome.end !== 'open' || closing || request.last) opened.destroy()
      return outcome
    },
    close: () => socket?.destroy(),
  }
}

async function exchangeOn(socket: Socket, request: FuzzRequest): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome['end']>()
  const answers: Answer[] = []
  let unread: Buffer = Buffer.alloc(0)
  const onData = (bytes: Buffer): void => {
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes])
    while (unread.length > 0) {
      const reading = readAnswer(unread, request.methods[answers.length] ?? 'GET')
      if (reading.kind === 'incomplete') return
      if (reading.kind === 'broken') {
        resolve('broken')
        return
      }
      answers.push(reading.answer)
      unread = reading.rest
    }
    if (request.ends === 'kept' && answers.length >= request.methods.length) resolve('open')
  }
  const onClose = (): void => resolve(unread.length > 0 && request.ends === 'kept' ? 'broken' : 'closed')
  socket.on('data', onData)
  socket.once('close', onClose)
  await write(socket, request)
  const writtenAt = performance.now()
  const timer = setTimeout(() => resolve('late'), timeoutMs)
  const end = await promise
  clearTimeout(timer)
  socket.off('data', onData)
  socket.off('close', onClose)
  return { answers, end, ms: performance.now() - writtenAt }
}

async function write(socket: Socket, { pieces, pauseMs, ends }: FuzzRequest): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && pauseMs !== undefined) await sleep(pauseMs)
    if (!socket.writable) return
    socket.write(piece)
  }
  if (ends === 'left') socket.end()
}
