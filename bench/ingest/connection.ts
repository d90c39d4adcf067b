import { connect, type Socket } from 'node:net'

export interface Connection {
  /** Sends a complete request. Resolves with the status after the complete response. One request at a time. */
  send(request: Buffer): Promise<number>
  close(): void
}

export type OpenConnection = (url: string) => Promise<Connection>

/** Opens a connection for each request and closes it after the response, as EventBridge API destinations do. */
export const reconnectForEach: OpenConnection = async (url) => ({
  send: async (request) => {
    const connection = await openConnection(url)
    try {
      return await connection.send(request)
    } finally {
      connection.close()
    }
  },
  close: () => {},
})

/** A keep-alive connection with minimal cost per request, because the load shares the machine with the server. */
export const openConnection: OpenConnection = async (url) => {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let answered: ((status: number) => void) | undefined
  let failed: ((error: Error) => void) | undefined
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received = received === '' ? text : received + text
    const head = received.indexOf('\r\n\r\n')
    if (head === -1) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1])
    if (received.length < head + 4 + length) return
    const status = Number(received.slice(9, 12))
    received = ''
    answered?.(status)
  })
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', (error) => failed?.(error))
  socket.on('close', () => failed?.(new Error('the server closed the connection')))
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        answered = resolve
        failed = reject
        socket.write(request)
      }),
    close: () => {
      failed = undefined
      socket.destroy()
    },
  }
}
