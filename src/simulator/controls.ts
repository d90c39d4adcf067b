import type { CallLog, SimulatedCall } from './call-log.ts'
import { type ConversationInput, type ConversationView, conversationInputSchema } from './conversation.ts'
import type { Conversations } from './conversations.ts'
import { type Fault, type FaultInput, type Faults, faultInputSchema } from './faults.ts'
import {
  type ChannelView,
  type NotificationInput,
  notificationInputSchema,
  type SimulatedNotifications,
} from './notifications.ts'
import { type QueueInput, type Queues, type QueueView, queueInputSchema } from './queues.ts'
import type { RateLimit, RateLimitChange, RateLimiter } from './rate-limiter.ts'
import type { Token, Tokens } from './tokens.ts'

/** Controls of the simulated organization, for tests, the demo and users. The same controls exist over HTTP. */
export interface SimulatorControls {
  /** Calls with a `seq` greater than `after`, oldest first. Includes token requests, without their secrets. */
  calls(after?: number): readonly SimulatedCall[]
  /** Creates or updates a conversation. Throws a ZodError for invalid input. */
  createConversation(input: ConversationInput): ConversationView
  /** The conversation, or undefined if it is unknown. Unlike the API, it never creates one and spends no call. */
  conversation(id: string): ConversationView | undefined
  /** Ends a conversation and its participants now. Undefined if the conversation is unknown. */
  endConversation(id: string): ConversationView | undefined
  /** Adds a fault for the next requests that match it. Throws a ZodError for invalid input. */
  addFault(fault: FaultInput): void
  /** The faults that are not used up. */
  faults(): readonly Fault[]
  clearFaults(): void
  /** Expires all tokens now; returns how many were valid. */
  expireTokens(): number
  /**
   * Simulates calls of another program with the same client: adds them to the window of every valid token. A
   * token issued later starts at zero. Returns the number of tokens.
   */
  spend(calls: number): number
  /** Changes the limit. If `windowMs` is given, a new window starts for every token. */
  setRateLimit(limit: RateLimitChange): RateLimit
  /** Creates or renames a queue. Throws a ZodError for invalid input. */
  createQueue(input: QueueInput): QueueView
  /** Sends a notification; returns how many websockets got it. Throws a ZodError for invalid input. */
  notify(notification: NotificationInput): number
  /** Channels that have not ended, with or without a websocket. */
  channels(): readonly ChannelView[]
  /** Closes every websocket with this close code; without a code, breaks the connections. Returns how many there were. */
  dropSockets(code?: number): number
  /** Keeps the open websockets open but sends nothing more on them; returns their number. */
  muteSockets(): number
  /** Expires every channel; returns the number. */
  endChannels(): number
}

export interface ControlsDependencies {
  readonly calls: CallLog
  readonly conversations: Conversations
  readonly faults: Faults
  readonly tokens: Tokens
  readonly rateLimiter: RateLimiter<Token>
  readonly queues: Queues
  readonly notifications: SimulatedNotifications
  readonly now: () => number
}

export function createControls(dependencies: ControlsDependencies): SimulatorControls {
  const { calls, conversations, faults, tokens, rateLimiter, queues, notifications, now } = dependencies
  return {
    calls: (after) => calls.list(after),
    createConversation: (input) => conversations.upsert(conversationInputSchema.parse(input)),
    conversation: (id) => conversations.peek(id),
    endConversation: (id) => conversations.end(id),
    addFault: (fault) => faults.add(faultInputSchema.parse(fault)),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    expireTokens: () => tokens.expireAll(now()),
    spend(count) {
      const live = tokens.live(now())
      rateLimiter.spend(live, count, now())
      return live.length
    },
    setRateLimit: (limit) => rateLimiter.change(limit, now()),
    createQueue: (input) => queues.upsert(queueInputSchema.parse(input)),
    notify: (notification) => notifications.send(notificationInputSchema.parse(notification)),
    channels: () => notifications.list(),
    dropSockets: (code) => notifications.drop(code),
    muteSockets: () => notifications.mute(),
    endChannels: () => notifications.endAll(),
  }
}
