import type { IntakeResult } from '../ingest/intake.ts'
import type { LastRejection, NotificationsLog } from './status.ts'

type Rejected = Extract<IntakeResult, { kind: 'taken' }>['rejected']

/** What could not be read of the messages that arrived. */
export interface Rejections {
  /** `items`: the messages; `rejected`: by their index. */
  note(items: readonly unknown[], rejected: Rejected): void
  readonly count: number
  readonly last: LastRejection | undefined
}

export interface RejectionsDeps {
  readonly log: NotificationsLog
  readonly now: () => number
}

/** The same problem is logged once in that time, with how often it came. */
const logEveryMs = 60_000
/** Kinds of problems that are told apart. */
const maxKinds = 1_000
const maxProblems = 5

/** Nobody else hears of them: a webhook's sender gets an answer, a socket does not. */
export function createRejections({ log, now }: RejectionsDeps): Rejections {
  const silent = new Map<string, { loggedAt: number; since: number }>()
  let count = 0
  let last: LastRejection | undefined

  function tell(item: unknown, problems: Rejected[number]['problems'], at: number): void {
    const topic = textAt(item, 'topicName')
    const kind = `${topic?.replace(/\.[^.]*-[^.]*/, '')} ${problems[0]?.path.replaceAll(/\d+/g, '')}`
    const known = silent.get(kind)
    if (known !== undefined && at - known.loggedAt < logEveryMs) {
      known.since += 1
      return
    }
    if (known === undefined && silent.size >= maxKinds) silent.clear()
    silent.set(kind, { loggedAt: at, since: 0 })
    const body = fieldOf(item, 'eventBody')
    const conversationId = [textAt(body, 'id'), textAt(body, 'conversationId')].find(
      (id) => id !== undefined && /^[A-Za-z0-9_-]{1,128}$/.test(id),
    )
    log.warn(
      {
        code: 'invalid_event',
        topic,
        ...(conversationId !== undefined && { conversationId }),
        problems: problems.slice(0, maxProblems),
        count: 1 + (known?.since ?? 0),
      },
      'notification rejected',
    )
  }

  return {
    note: (items, rejected) => {
      const at = now()
      for (const { index, problems } of rejected) {
        count += 1
        last = { at, topic: textAt(items[index], 'topicName'), path: problems[0]?.path ?? '' }
        tell(items[index], problems, at)
      }
    },
    get count() {
      return count
    },
    get last() {
      return last
    },
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** Names of topics are short: anything longer is not one. */
function textAt(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name)
  return typeof text === 'string' && text.length <= 300 ? text : undefined
}
