import type { EventHistory, EventState } from '../inbox.ts'
import { toOutcome } from '../recorded-outcome.ts'
import type { Parameter, Query } from './connections.ts'

interface HistoriesDeps {
  readonly query: Query
  readonly client: string
  /** From the clock of due times to the wall clock. */
  readonly toWallClock: (dueAt: number) => number
}

interface Row {
  readonly sequence: number
  readonly accepted_at: number
  readonly event: string
  readonly state: EventState
  readonly settled_at: number | null
  readonly replayed_at: number | null
  readonly attempts: number
  /** Of an unchanged event, its reason. */
  readonly code: string | null
  readonly detail: string | null
  readonly decision: string | null
  readonly api_status: number | null
  readonly correlation_id: string | null
  readonly target_id: string | null
  readonly failure_code: string | null
  readonly failed_at: number | null
  readonly due_at: number | null
  readonly merged_with: readonly string[] | null
  /** Rows that fit, with those that are left out because the page is large enough. */
  readonly fitting: number
}

export interface Selection {
  /** SQL conditions on `e`, the table of events; `$1` is the client. */
  readonly conditions: readonly string[]
  /** From `$2` on. */
  readonly parameters: readonly Parameter[]
  readonly order: 'ASC' | 'DESC'
  readonly limit: number
}

export interface HistoryPage {
  readonly items: readonly EventHistory[]
  /** More events fit the selection than the page has. */
  readonly isCut: boolean
}

/** Bytes of event JSON in a page, approximately. */
const maxPageBytes = 8_388_608

export type ReadHistories = (selection: Selection) => Promise<HistoryPage>

/** Reads the lives of events. */
export function createHistories({ query, client, toWallClock }: HistoriesDeps): ReadHistories {
  return async ({ conditions, parameters, order, limit }) => {
    const rows = await query<Row & Record<string, unknown>>(
      `SELECT e.sequence, e.accepted_at, e.event, e.state, e.settled_at, e.replayed_at, e.attempts, e.code, e.detail,
        e.decision, e.api_status, e.correlation_id, e.target_id, e.fitting, p.failure_code, p.failed_at, p.due_at,
        CASE WHEN e.patch IS NOT NULL THEN ARRAY(
          SELECT m.identity FROM inbox_events m
          WHERE m.client = $1 AND m.patch = e.patch AND m.settled_at = e.settled_at AND m.sequence <> e.sequence
          ORDER BY m.sequence LIMIT 20) END AS merged_with
      FROM (
        SELECT e.*, count(*) OVER () AS fitting, sum(octet_length(e.event)) OVER (ORDER BY e.sequence ${order}) AS bytes,
          row_number() OVER (ORDER BY e.sequence ${order}) AS position
        FROM (
          SELECT e.* FROM inbox_events e WHERE e.client = $1${conditions.map((condition) => ` AND ${condition}`).join('')}
          ORDER BY e.sequence ${order} LIMIT ${Math.trunc(limit)}) e
      ) e
      LEFT JOIN LATERAL (
        SELECT * FROM inbox_participants p
        WHERE p.client = e.client AND p.conversation_id = e.conversation_id AND p.participant_id = e.participant_id
          AND e.state = 'pending' OFFSET 0) p ON true
      WHERE e.position = 1 OR e.bytes <= ${maxPageBytes}
      ORDER BY e.sequence ${order}`,
      [client, ...parameters],
    )
    const items = rows.map((row) => toHistory(row, toWallClock))
    const fitting = rows[0]?.fitting ?? 0
    return { items, isCut: rows.length < fitting || fitting >= limit }
  }
}

function toHistory(row: Row, toWallClock: HistoriesDeps['toWallClock']): EventHistory {
  const { sequence, accepted_at: acceptedAt, state, attempts, due_at: dueAt } = row
  return {
    sequence,
    acceptedAt,
    event: JSON.parse(row.event),
    state,
    settledAt: row.settled_at ?? undefined,
    replayedAt: row.replayed_at ?? undefined,
    attempts,
    detail: row.detail ?? undefined,
    failedAt: row.failed_at ?? undefined,
    dueAt: dueAt === null ? undefined : toWallClock(dueAt),
    ...namesOf(row.decision),
    targetId: row.target_id ?? undefined,
    mergedWith: row.merged_with ?? [],
    ...toOutcome({
      state,
      code: row.code,
      failureCode: row.failure_code,
      status: row.api_status,
      correlationId: row.correlation_id,
    }),
  }
}

export function namesOf(decision: string | null): Pick<EventHistory, 'rules' | 'attributeNames'> {
  if (decision === null) return { rules: [], attributeNames: [] }
  const [rules, attributeNames]: [readonly string[], readonly string[]] = JSON.parse(decision)
  return { rules, attributeNames }
}
