import { z } from 'zod'

/** The kinds of message from the socket. */
export type Message =
  /** For the intake, as sent. */
  | { readonly kind: 'event'; readonly item: unknown }
  /** About every 30 s, and in answer to a ping. */
  | { readonly kind: 'heartbeat' }
  /** The server will close this socket, in about a minute. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'unreadable' }

/** The server answers it with a pong, which is a heartbeat. */
export const ping = '{"message":"ping"}'

const envelope = z.looseObject({ topicName: z.string() })

export function readMessage(text: string): Message {
  const parsed = envelope.safeParse(parseJson(text))
  if (!parsed.success) return { kind: 'unreadable' }
  const topic = parsed.data.topicName.toLowerCase()
  if (topic === 'channel.metadata') return { kind: 'heartbeat' }
  if (topic === 'v2.system.socket_closing') return { kind: 'closing' }
  return { kind: 'event', item: parsed.data }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
