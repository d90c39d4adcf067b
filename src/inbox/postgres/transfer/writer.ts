import type { TableWriters, TransferState } from '../../transfer/stores.ts'
import type { Connections, Parameter, Query } from '../connections.ts'
import { withoutNul } from '../settlements.ts'

interface WriterDeps {
  readonly connections: Connections
  readonly client: string
  /** Longest time of a transaction. */
  readonly timeoutMs: number
  /** Throws if this process may not write any more. */
  readonly requireOwnership: () => void
  readonly setState: (query: Query, state: TransferState) => Promise<void>
}

const insertParticipants = `
  INSERT INTO inbox_participants (client, conversation_id, participant_id, priority, first_sequence, ended, due_at, failed_at,
    failure_code, failure_attempts)
  SELECT $1, conversation_id, participant_id, priority, first_sequence, ended = 1, due_at, failed_at, failure_code, failure_attempts
  FROM unnest($2::text[], $3::text[], $4::integer[], $5::bigint[], $6::integer[], $7::bigint[], $8::bigint[], $9::text[],
    $10::integer[])
    AS given (conversation_id, participant_id, priority, first_sequence, ended, due_at, failed_at, failure_code, failure_attempts)`

const insertEvents = `
  INSERT INTO inbox_events (client, sequence, identity, conversation_id, participant_id, priority, accepted_at, replayed_at, state,
    settled_at, code, detail, attempts, decision, patch, api_status, correlation_id, target_id, event)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[], $9::text[],
    $10::bigint[], $11::text[], $12::text[], $13::integer[], $14::text[], $15::bigint[], $16::integer[], $17::text[], $18::text[],
    $19::text[])`

const insertValues = `
  INSERT INTO inbox_known_values (client, conversation_id, participant_id, attribute, value, decided_at, sequence, known_at)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])`

/** Writes the rows of another inbox. */
export function createWriters({ connections, client, timeoutMs, ...deps }: WriterDeps): TableWriters {
  const { requireOwnership, setState } = deps

  /** A crash of the server can undo the last transactions, with their states: `finish` flushes all. */
  async function write(sql: string, columns: readonly Parameter[], state: TransferState): Promise<void> {
    requireOwnership()
    await connections.transaction(async (query) => {
      await query('SET LOCAL synchronous_commit = off')
      await query(sql, [client, ...columns])
      await setState(query, state)
    }, timeoutMs)
  }

  return {
    participants: (rows, state) =>
      write(
        insertParticipants,
        [
          rows.map(({ conversationId }) => conversationId),
          rows.map(({ participantId }) => participantId),
          rows.map(({ priority }) => priority),
          rows.map(({ firstSequence }) => firstSequence),
          rows.map(({ ended }) => (ended ? 1 : 0)),
          rows.map(({ dueAt }) => dueAt),
          rows.map(({ failedAt }) => failedAt),
          rows.map(({ failureCode }) => orNull(failureCode)),
          rows.map(({ failureAttempts }) => failureAttempts),
        ],
        state,
      ),
    events: (rows, state) => {
      const keys = rows.map(({ event }): { conversationId: string; participantId?: string } =>
        JSON.parse(event),
      )
      return write(
        insertEvents,
        [
          rows.map(({ sequence }) => sequence),
          rows.map(({ identity }) => identity),
          keys.map(({ conversationId }) => conversationId),
          keys.map(({ participantId }) => participantId ?? ''),
          rows.map(({ priority }) => priority),
          rows.map(({ acceptedAt }) => acceptedAt),
          rows.map(({ replayedAt }) => replayedAt),
          rows.map(({ state: eventState }) => eventState),
          rows.map(({ settledAt }) => settledAt),
          rows.map(({ code }) => code),
          rows.map(({ detail }) => orNull(detail)),
          rows.map(({ attempts }) => attempts),
          rows.map(({ decision }) => decision),
          rows.map(({ patch }) => patch),
          rows.map(({ status }) => status),
          rows.map(({ correlationId }) => orNull(correlationId)),
          rows.map(({ targetId }) => targetId),
          rows.map(({ event }) => event),
        ],
        state,
      )
    },
    knownValues: (rows, state) =>
      write(
        insertValues,
        [
          rows.map(({ conversationId }) => conversationId),
          rows.map(({ participantId }) => participantId),
          rows.map(({ attribute }) => JSON.stringify(attribute)),
          rows.map(({ value }) => JSON.stringify(value)),
          rows.map(({ decidedAt }) => decidedAt),
          rows.map(({ sequence }) => sequence),
          rows.map(({ knownAt }) => knownAt),
        ],
        state,
      ),
  }
}

const orNull = (text: string | null): string | null => (text === null ? null : withoutNul(text))
