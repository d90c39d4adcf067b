import { z } from 'zod'
import type { ConversationParticipant } from '../event.ts'
import { createHttp, type Http, type HttpClient } from '../http/client.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import { createCall } from './call.ts'
import { type Answer, readBody } from './classify.ts'
import { createNotificationsApi, type NotificationsApi } from './notifications.ts'
import { readParticipants } from './participants.ts'
import type { ClientDeps } from './tokens.ts'

export interface Genesys {
  /**
   * Merges attributes into those of one participant. One HTTP call, and one token request if needed. Never rejects or
   * retries.
   */
  patchAttributes(target: AttributeTarget, attributes: Readonly<Record<string, string>>): Promise<Answer>
  /** Reads a conversation's participants, with the same guarantees. */
  readParticipants(conversationId: string): Promise<ParticipantsAnswer>
  readonly notifications: NotificationsApi
  /** Aborts calls in flight. Later calls are possible. */
  abort(): void
  /** Aborts calls in flight, for good. */
  close(): void
}

/** `participants`: present if the answer is `ok`. */
export interface ParticipantsAnswer {
  readonly answer: Answer
  readonly participants: readonly ConversationParticipant[] | undefined
}

export interface AttributeTarget {
  readonly conversationId: string
  readonly participantId: string
}

export interface GenesysOptions extends Omit<ClientDeps, 'http'> {
  readonly apiUrl: string
  readonly profile: 'platform' | 'tutorial'
  readonly requestTimeoutMs: number
  readonly maxInFlight: number
  /** Undefined: direct connections. */
  readonly proxy?: OutgoingProxy | undefined
  /** Asked right before each request about a conversation; false: it is not sent. Absent: all are sent. */
  readonly mayCall?: (() => boolean) | undefined
  /** Wraps the HTTP client, to trace its calls. */
  readonly traced?: ((http: Http) => Http) | undefined
}

/**
 * The paths of each profile. `platform`: SDK operations
 * PatchConversationsParticipantAttributes and GetConversation.
 */
const endpoints = {
  platform: { attributes: '/attributes', participants: '', list: 'participants' },
  tutorial: { attributes: '', participants: '/participants', list: 'entities' },
} as const

const conversationBody = z.record(z.string(), z.unknown())

/** `client` sends the requests; the default has the timeout and the number of sockets of the options. */
export function createGenesys(options: GenesysOptions, client: HttpClient = clientFor(options)): Genesys {
  const { apiUrl, mayCall } = options
  const endpoint = endpoints[options.profile]
  const { http: plain, abort, close } = client
  const http = options.traced?.(plain) ?? plain
  const call = createCall({ ...options, http })
  const conversation = (id: string): string => `${apiUrl}/api/v2/conversations/${encodeURIComponent(id)}`
  return {
    patchAttributes: async ({ conversationId, participantId }, attributes) => {
      const participant = `/participants/${encodeURIComponent(participantId)}${endpoint.attributes}`
      const url = `${conversation(conversationId)}${participant}`
      return (await call({ method: 'PATCH', url, body: JSON.stringify({ attributes }) }, mayCall)).answer
    },
    readParticipants: async (conversationId) => {
      const url = `${conversation(conversationId)}${endpoint.participants}`
      const { answer, body = '' } = await call({ method: 'GET', url }, mayCall)
      if (answer.kind !== 'ok') return { answer, participants: undefined }
      const participants = readParticipants(readBody(conversationBody, body)?.[endpoint.list])
      if (participants !== undefined) return { answer, participants }
      const detail = `the conversation response has no ${endpoint.list}`
      return { answer: { ...answer, kind: 'unavailable', detail, cause: detail }, participants }
    },
    notifications: createNotificationsApi({ call, apiUrl }),
    abort,
    close,
  }
}

/** Two more sockets than calls: for a token request and a channel renewal while all calls are in flight. */
const clientFor = ({ requestTimeoutMs, maxInFlight, proxy }: GenesysOptions): HttpClient =>
  createHttp({ timeoutMs: requestTimeoutMs, maxSockets: maxInFlight + 2, proxy })
