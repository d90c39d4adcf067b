import { parseTopic } from '../ingest/envelopes/topics.ts'
import { isEntityId } from '../ingest/identity.ts'
import { pathWithoutIndexes, problemsToLog, type RejectedItems } from '../ingest/rejected-items.ts'
import { createRareLog } from '../log/rare-log.ts'
import { isObject } from '../values/json.ts'
import type { LastRejection, NotificationsLog } from './status.ts'

export interface RejectionsDeps {
  readonly log: NotificationsLog
  /** Epoch ms. */
  readonly now: () => number
  /** Ms that never jump. */
  readonly monotonic: () => number
}

export type Rejections = ReturnType<typeof createRejections>

/** Counts and logs what the intake rejects. The log is the only report, because a websocket has no response. */
export function createRejections({ log, now, monotonic }: RejectionsDeps) {
  const rarely = createRareLog({ monotonic })
  let count = 0
  let last: LastRejection | undefined

  const logRarely = (item: unknown, problems: RejectedItems[number]['problems']): void =>
    rarely(kindOf(item, problems[0]?.path ?? ''), (count) =>
      log.warn(
        {
          code: 'invalid_event',
          topic: textAt(item, 'topicName'),
          conversationId: conversationIdOf(item),
          problems: problemsToLog(problems),
          count,
        },
        'notification rejected',
      ),
    )

  return {
    /** `rejected` refers to `items`, the messages of one batch, by index. */
    note: (items: readonly unknown[], rejected: RejectedItems): void => {
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
  return `${topic.kind === 'other' ? topic.kind : topic.topic} ${pathWithoutIndexes(path)}`
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
