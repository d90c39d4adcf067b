/**
 * `inbox_append_2` does what `inbox_append_1` does. It returns the positions of duplicates instead of all accepted identities, and no
 * statistics can make its plans read more rows than the call names.
 */
export const append2 = `
CREATE FUNCTION inbox_count_2(p_client text, p_slot integer, p_pending bigint, p_replayed bigint, p_dead bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO inbox_counters AS c VALUES (p_client, p_slot, p_pending, p_replayed, p_dead)
  ON CONFLICT (client, slot) DO UPDATE SET
    pending = c.pending + excluded.pending, replayed = c.replayed + excluded.replayed, dead = c.dead + excluded.dead;
END $$;

-- duplicates: positions in the arrays, from 1. dead: identities of the duplicates that are dead letters.
CREATE FUNCTION inbox_append_2(
  p_client text, p_slot integer, p_max_pending bigint, p_accepted_at bigint,
  p_identities text[], p_conversations text[], p_participants text[], p_priorities integer[], p_events text[],
  p_ended text[]
) RETURNS TABLE (is_full boolean, fresh bigint, pending bigint, duplicates integer[], dead text[]) LANGUAGE plpgsql
  SET jit = off AS $$
#variable_conflict use_column
DECLARE
  -- More than the events in all transactions that may be open on all nodes at one time.
  v_margin CONSTANT bigint := 20000;
  v_given CONSTANT bigint := cardinality(p_identities);
  v_live bigint;
  v_pending bigint;
  v_fresh bigint;
  v_sequences bigint[];
  v_inserted bigint[];
  v_duplicates integer[] := '{}';
  v_dead text[] := '{}';
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  -- An accepted event is durable, whatever the default of the role or database is.
  IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;

  SELECT coalesce(sum(c.pending - c.replayed), 0), coalesce(sum(c.pending), 0) INTO v_live, v_pending
  FROM inbox_counters c WHERE c.client = p_client;
  IF v_live + v_given > p_max_pending - v_margin THEN
    -- Near the limit, appends follow each other, so that their sum does not exceed it.
    PERFORM pg_advisory_xact_lock(hashtextextended('genesys-enricher append ' || p_client, 0));
    SELECT coalesce(sum(c.pending - c.replayed), 0), coalesce(sum(c.pending), 0) INTO v_live, v_pending
    FROM inbox_counters c WHERE c.client = p_client;
    IF v_live + v_given > p_max_pending THEN
      SELECT count(*) INTO v_fresh FROM unnest(p_identities) AS given (identity)
      LEFT JOIN LATERAL (
        SELECT true AS is_stored FROM inbox_events e WHERE e.client = p_client AND e.identity = given.identity OFFSET 0
      ) stored ON true
      WHERE stored.is_stored IS NULL;
      IF v_fresh > 0 AND v_live + v_fresh > p_max_pending THEN
        RETURN QUERY SELECT true, v_fresh, v_pending, NULL::integer[], NULL::text[];
        RETURN;
      END IF;
    END IF;
  END IF;

  WITH given AS MATERIALIZED (
    SELECT nextval('inbox_sequence') AS sequence, ordered.* FROM (
      SELECT * FROM unnest(p_identities, p_conversations, p_participants, p_priorities, p_events) WITH ORDINALITY
        AS given (identity, conversation_id, participant_id, priority, event, position)
      ORDER BY position
    ) ordered
  ), inserted AS (
    INSERT INTO inbox_events (client, sequence, identity, conversation_id, participant_id, priority, accepted_at, event)
    SELECT p_client, sequence, identity, conversation_id, participant_id, priority, p_accepted_at, event
    FROM given ORDER BY identity COLLATE "C"
    ON CONFLICT (client, identity) DO NOTHING
    RETURNING sequence, conversation_id, participant_id, priority
  ), participants AS (
    -- Also locks the row of a participant that it does not change: a settlement may be about to delete it.
    INSERT INTO inbox_participants AS p (client, conversation_id, participant_id, priority, first_sequence)
    SELECT p_client, conversation_id, participant_id, min(priority), min(sequence) FROM inserted
    GROUP BY conversation_id, participant_id ORDER BY conversation_id, participant_id
    ON CONFLICT (client, conversation_id, participant_id) DO UPDATE SET
      priority = least(p.priority, excluded.priority), first_sequence = least(p.first_sequence, excluded.first_sequence)
    WHERE p.priority > excluded.priority OR p.first_sequence > excluded.first_sequence
  )
  SELECT (SELECT array_agg(sequence) FROM given), coalesce(array_agg(sequence), '{}') INTO v_sequences, v_inserted FROM inserted;

  IF cardinality(v_inserted) > 0 THEN
    PERFORM inbox_count_2(p_client, p_slot, cardinality(v_inserted), 0, 0);
  END IF;
  IF cardinality(v_inserted) < v_given THEN
    -- Not a join, which a plan for few rows does row by row.
    SELECT array_agg(position) INTO v_duplicates FROM (
      SELECT max(position)::integer AS position FROM (
        SELECT sequence, position FROM unnest(v_sequences) WITH ORDINALITY AS given (sequence, position)
        UNION ALL
        SELECT unnest(v_inserted), NULL
      ) both_times GROUP BY sequence HAVING count(*) = 1
    ) duplicate;
    SELECT coalesce(array_agg(stored.identity), '{}') INTO v_dead
    FROM unnest(v_duplicates) AS duplicate (position) CROSS JOIN LATERAL (
      SELECT e.identity, e.state FROM inbox_events e
      WHERE e.client = p_client AND e.identity = p_identities[duplicate.position] OFFSET 0
    ) stored WHERE stored.state = 'dead';
  END IF;
  IF cardinality(p_ended) > 0 THEN
    PERFORM FROM inbox_participants WHERE client = p_client AND conversation_id = ANY (p_ended) AND NOT ended
    ORDER BY conversation_id, participant_id FOR UPDATE;
    UPDATE inbox_participants SET ended = true
    WHERE client = p_client AND conversation_id = ANY (p_ended) AND NOT ended;
  END IF;
  RETURN QUERY SELECT false, NULL::bigint, v_pending, v_duplicates, v_dead;
END $$;
`
