import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as encrypted } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { request as plain } from './node-http.ts'

/** The part of axios' option `transport` that it calls. */
export interface Transport {
  request(options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest
}

/**
 * Asks again when the connection is there, before the first byte of the request: connecting takes time, in which the process may even
 * have been stopped. If the answer is no, the request fails.
 */
export const createCheckedTransport = (maySend: () => boolean): Transport => ({
  request: (options, onResponse) => {
    const send = options.protocol === 'https:' ? encrypted : plain
    const request = send(options, onResponse)
    request.once('socket', (socket: Socket) => {
      const check = () => {
        if (maySend()) return
        request.destroy(Object.assign(new Error('no longer allowed'), { code: 'NOT_ALLOWED' }))
      }
      if (!socket.connecting) return check()
      socket.cork()
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        check()
        socket.uncork()
      })
    })
    return request
  },
})
