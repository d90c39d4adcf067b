import type { KnownValues, ParticipantKey } from '../inbox.ts'
import type { Query } from './connections.ts'

/** Attribute and value as JSON texts, since PostgreSQL stores no NUL character. */
export type KnownRow = readonly [
  attribute: string,
  value: string,
  decidedAt: number,
  sequence: number,
  knownAt: number,
]

export const knownValuesOf = (rows: readonly KnownRow[]): KnownValues =>
  new Map(
    rows.map(([attribute, value, decidedAt, sequence, knownAt]) => [
      JSON.parse(attribute),
      { value: JSON.parse(value), decidedAt, sequence, knownAt },
    ]),
  )

const sql = `SELECT json_agg(json_build_array(attribute, value, decided_at, sequence, known_at)) AS known FROM inbox_known_values
  WHERE client = $1 AND conversation_id = $2 AND participant_id = $3`

export async function readKnown(
  query: Query,
  client: string,
  { conversationId, participantId }: ParticipantKey,
): Promise<readonly KnownRow[]> {
  const [row] = await query<{ known: readonly KnownRow[] | null }>(sql, [
    client,
    conversationId,
    participantId,
  ])
  return row?.known ?? []
}
