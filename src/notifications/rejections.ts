import { LRUCache } from 'lru-cache'
import { parseTopic } from '../ingest/envelopes/topics.ts'
import { isEntityId } from '../ingest/identity.ts'
import type { IntakeResult } from '../ingest/intake.ts'
import { isObject } from '../values/json.ts'
import type { LastRejection, NotificationsLog } from './status.ts'

type Rejected = Extract<IntakeResult, { kind: 'stored' }>['rejected']

export interface RejectionsDeps {
  readonly log: NotificationsLog
  /** Epoch ms. */
  readonly now: () => number
  /** Ms that never jump. */
  readonly monotonic: () => number
}

/** Log lines with the same kind of topic and the same path are at least this far apart. */
const logEveryMs = 60_000
/** Most pairs of topic and path to track; beyond it, the least recent pair is dropped. */
const maxKinds = 1_000
const maxProblems = 5

export type Rejections = ReturnType<typeof createRejections>

/** Counts and logs what the intake rejects. The log is the only report, because a websocket has no response. */
export function createRejections({ log, now, monotonic }: RejectionsDeps) {
  const kinds = new LRUCache<string, { loggedAt: number; unlogged: number }>({ max: maxKinds })
  let count = 0
  let last: LastRejection | undefined

  function logRarely(item: unknown, problems: Rejected[number]['problems']): void {
    const kind = kindOf(item, problems[0]?.path ?? '')
    const at = monotonic()
    const known = kinds.get(kind)
    if (known !== undefined && at - known.loggedAt < logEveryMs) {
      known.unlogged += 1
      return
    }
    kinds.set(kind, { loggedAt: at, unlogged: 0 })
    log.warn(
      {
        code: 'invalid_event',
        topic: textAt(item, 'topicName'),
        conversationId: conversationIdOf(item),
        problems: problems.slice(0, maxProblems),
        count: 1 + (known?.unlogged ?? 0),
      },
      'notification rejected',
    )
  }

  return {
    /** `rejected` refers to `items`, the messages of one batch, by index. */
    note: (items: readonly unknown[], rejected: Rejected): void => {
      for (const { index, problems } of rejected) {
        const item = items[index]
        count += 1
        last = { at: now(), topic: textAt(item, 'topicName'), path: problems[0]?.path ?? '' }
        logRarely(item, problems)
      }
    },
    state: () => ({ count, last }),
  }
}

/** The topic without its id and the path without its indexes, so that each user and participant is not a new kind. */
function kindOf(item: unknown, path: string): string {
  const topic = parseTopic(textAt(item, 'topicName') ?? '')
  return `${topic.kind === 'other' ? topic.kind : topic.topic} ${path.replaceAll(/\.\d+(?=\.|$)/g, '[]')}`
}

function conversationIdOf(item: unknown): string | undefined {
  const body = isObject(item) ? item.eventBody : undefined
  const ids = [textAt(body, 'id'), textAt(body, 'conversationId')]
  return ids.find(isEntityId)
}

/** Topic names and ids are short; a longer text is something else and is not logged. */
function textAt(value: unknown, name: string): string | undefined {
  const text = isObject(value) ? value[name] : undefined
  return typeof text === 'string' && text.length <= 300 ? text : undefined
}
