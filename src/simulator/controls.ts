import type { CallRecord, SimulatedCall } from './calls.ts'
import { type ConversationInput, conversationInputSchema } from './conversation-input.ts'
import type { ConversationView } from './conversation-view.ts'
import type { Conversations } from './conversations.ts'
import { type Fault, type FaultInput, faultInputSchema } from './fault-input.ts'
import type { Faults } from './faults.ts'
import {
  type ChannelView,
  type NotificationInput,
  notificationInputSchema,
  type SimulatedNotifications,
} from './notifications.ts'
import { type QueueInput, type Queues, type QueueView, queueInputSchema } from './queues.ts'
import type { RateLimit, RateLimitChange, RateLimiter } from './rate-limiter.ts'
import type { Token, Tokens } from './tokens.ts'

/** What a test, a demo or a curious user can do to the simulated organization. HTTP offers the same. */
export interface SimulatorControls {
  /**
   * Calls with a `seq` greater than `after`, oldest first. Token requests are among them, never their
   * secrets.
   */
  calls(after?: number): readonly SimulatedCall[]
  /** Creates a conversation, or brings an existing one up to date. Throws a ZodError for a wrong shape. */
  createConversation(input: ConversationInput): ConversationView
  /** The conversation, or undefined. Never creates one, even when lenient, and spends no budget. */
  conversation(id: string): ConversationView | undefined
  /** Ends a conversation and its participants, now. Undefined if it is unknown. */
  endConversation(id: string): ConversationView | undefined
  /** Throws a ZodError for a wrong shape. */
  addFault(fault: FaultInput): void
  /** Faults not yet used up. */
  faults(): readonly Fault[]
  clearFaults(): void
  /** Ends every token now; returns how many were alive. */
  expireTokens(): number
  /**
   * Another program spends calls of the same client: adds them to the window of every token alive now. A
   * token issued later starts at zero. Returns how many tokens it hit.
   */
  spend(calls: number): number
  /** Changes the allowance from now on. A `windowMs` opens a fresh window for every token. */
  setRateLimit(limit: RateLimitChange): RateLimit
  /** Creates a queue, or gives an existing one another name. Throws a ZodError for a wrong shape. */
  createQueue(input: QueueInput): QueueView
  /** Says something on the websockets; returns how many it went to. Throws a ZodError for a wrong shape. */
  notify(notification: NotificationInput): number
  /** Channels of the notification service that are alive. */
  channels(): readonly ChannelView[]
  /** Ends every websocket, with a close frame of this code or, without one, by breaking it off; returns how many. */
  dropSockets(code?: number): number
  /** The websockets that are open now say nothing more, and stay open; returns how many. */
  muteSockets(): number
  /** The time of every channel has come; returns how many. */
  endChannels(): number
}

export interface ControlsDependencies {
  readonly callRecord: CallRecord
  readonly conversations: Conversations
  readonly faultList: Faults
  readonly tokens: Tokens
  readonly rateLimiter: RateLimiter<Token>
  readonly queues: Queues
  readonly notifications: SimulatedNotifications
  readonly now: () => number
}

export function createControls(dependencies: ControlsDependencies): SimulatorControls {
  const { callRecord, conversations, faultList, tokens, rateLimiter, queues, notifications, now } =
    dependencies
  return {
    calls: (after) => callRecord.list(after),
    createConversation: (input) => conversations.upsert(conversationInputSchema.parse(input)),
    conversation: (id) => conversations.peek(id),
    endConversation: (id) => conversations.end(id),
    addFault: (fault) => faultList.add(faultInputSchema.parse(fault)),
    faults: () => faultList.list(),
    clearFaults: () => faultList.clear(),
    expireTokens: () => tokens.expireAll(now()),
    spend(calls) {
      const live = tokens.live(now())
      for (const token of live) rateLimiter.count(token, calls, now())
      return live.length
    },
    setRateLimit: (limit) => rateLimiter.change(limit, now()),
    createQueue: (input) => queues.upsert(queueInputSchema.parse(input)),
    notify: (notification) => notifications.send(notificationInputSchema.parse(notification)),
    channels: () => notifications.list(),
    dropSockets: (code) => notifications.drop(code),
    muteSockets: () => notifications.mute(),
    endChannels: () => notifications.channels.endAll(),
  }
}
