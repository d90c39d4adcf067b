/** Expiry, retention, and changes of dead letters: `schema-3-delivery.ts` explains the forms of their conditions. */
export const aging2 = `
-- NULL: the epoch is not that of the owner.
CREATE FUNCTION inbox_expire_2(
  p_client text, p_epoch bigint, p_at bigint, p_accepted_before bigint, p_limit integer, p_leased jsonb
) RETURNS bigint LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_sequences bigint[];
  v_conversations text[];
  v_participants text[];
  v_expired bigint;
  v_replayed bigint;
BEGIN
  IF NOT inbox_holds_1(p_client, p_epoch) THEN RETURN NULL; END IF;
  SELECT array_agg(sequence), array_agg(conversation_id), array_agg(participant_id)
  INTO v_sequences, v_conversations, v_participants FROM (
    SELECT sequence, conversation_id, participant_id FROM inbox_events
    WHERE client = p_client AND settled_at IS NULL AND coalesce(replayed_at, accepted_at) < p_accepted_before
      AND NOT p_leased ? (conversation_id || '/' || participant_id)
    ORDER BY coalesce(replayed_at, accepted_at) LIMIT p_limit) overdue;
  IF v_sequences IS NULL THEN RETURN 0; END IF;
  SELECT array_agg(conversation_id), array_agg(participant_id) INTO v_conversations, v_participants FROM (
    SELECT DISTINCT * FROM unnest(v_conversations, v_participants) AS given (conversation_id, participant_id)) given;
  PERFORM inbox_lock_participants_2(p_client, v_conversations, v_participants);
  WITH updated AS (
    UPDATE inbox_events SET state = 'dead', settled_at = p_at, code = 'expired', detail = NULL, decision = NULL,
      patch = NULL, api_status = NULL, correlation_id = NULL, target_id = NULL
    WHERE ctid = ANY (ARRAY(
      SELECT stored.row FROM unnest(v_sequences) AS given (sequence) CROSS JOIN LATERAL (
        SELECT e.ctid AS row FROM inbox_events e
        WHERE e.client = p_client AND e.sequence = given.sequence AND e.state || '' = 'pending' OFFSET 0
      ) stored)) RETURNING replayed_at
  )
  SELECT count(*), count(replayed_at) INTO v_expired, v_replayed FROM updated;
  PERFORM inbox_count_2(p_client, 0, -v_expired, -v_replayed, v_expired);
  PERFORM inbox_refresh_2(p_client, p_at, v_conversations, v_participants, NULL, NULL, NULL);
  RETURN v_expired;
END $$;

-- Deletes at most p_limit settled events and p_limit known values from before p_before. p_events_from and p_values_from: rows from
-- before these times were deleted by an earlier step, so the scan does not pass their index entries again.
-- events_from and values_from: for the next step.
CREATE FUNCTION inbox_prune_2(
  p_client text, p_slot integer, p_before bigint, p_limit integer, p_events_from bigint, p_values_from bigint
) RETURNS TABLE (events bigint, known_values bigint, events_from bigint, values_from bigint) LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_events bigint;
  v_dead bigint;
  v_values bigint;
  v_events_from bigint;
  v_values_from bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  -- Materialized: a plan that repeats the selection would find other rows each time.
  WITH old AS MATERIALIZED (
    SELECT ctid AS row FROM inbox_events
    WHERE client = p_client AND settled_at >= p_events_from AND settled_at < p_before
    ORDER BY settled_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM inbox_events WHERE ctid = ANY (ARRAY(SELECT row FROM old)) RETURNING state, settled_at
  )
  SELECT count(*), count(*) FILTER (WHERE state = 'dead'), max(settled_at) INTO v_events, v_dead, v_events_from FROM deleted;
  IF v_dead > 0 THEN PERFORM inbox_count_2(p_client, p_slot, 0, 0, -v_dead); END IF;
  WITH old AS MATERIALIZED (
    SELECT ctid AS row FROM inbox_known_values
    WHERE client = p_client AND known_at >= p_values_from AND known_at < p_before
    ORDER BY known_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM inbox_known_values WHERE ctid = ANY (ARRAY(SELECT row FROM old)) RETURNING known_at
  )
  SELECT count(*), max(known_at) INTO v_values, v_values_from FROM deleted;
  RETURN QUERY SELECT v_events, v_values, coalesce(v_events_from, p_events_from), coalesce(v_values_from, p_values_from);
END $$;

CREATE FUNCTION inbox_replay_2(p_client text, p_slot integer, p_at bigint, p_sequences bigint[])
RETURNS bigint LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_replayed bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  WITH revived AS (
    UPDATE inbox_events SET state = 'pending', settled_at = NULL, priority = 3, replayed_at = p_at
    WHERE ctid = ANY (ARRAY(
      SELECT stored.row FROM unnest(p_sequences) AS given (sequence) CROSS JOIN LATERAL (
        SELECT e.ctid AS row FROM inbox_events e
        WHERE e.client = p_client AND e.sequence = given.sequence AND e.state || '' = 'dead' OFFSET 0
      ) stored))
    RETURNING sequence, conversation_id, participant_id
  ), participants AS (
    INSERT INTO inbox_participants AS p (client, conversation_id, participant_id, priority, first_sequence)
    SELECT p_client, conversation_id, participant_id, 3, min(sequence) FROM revived
    GROUP BY conversation_id, participant_id ORDER BY conversation_id, participant_id
    -- Changes nothing, but locks the row: a settlement may be about to delete it.
    ON CONFLICT (client, conversation_id, participant_id) DO UPDATE SET priority = p.priority
    WHERE p.priority > excluded.priority
  )
  SELECT count(*) INTO v_replayed FROM revived;
  PERFORM inbox_count_2(p_client, p_slot, v_replayed, v_replayed, -v_replayed);
  RETURN v_replayed;
END $$;

CREATE FUNCTION inbox_drop_2(p_client text, p_slot integer, p_sequences bigint[])
RETURNS bigint LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_dropped bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  WITH dropped AS (
    DELETE FROM inbox_events WHERE ctid = ANY (ARRAY(
      SELECT stored.row FROM unnest(p_sequences) AS given (sequence) CROSS JOIN LATERAL (
        SELECT e.ctid AS row FROM inbox_events e
        WHERE e.client = p_client AND e.sequence = given.sequence AND e.state || '' = 'dead' OFFSET 0
      ) stored)) RETURNING 1
  )
  SELECT count(*) INTO v_dropped FROM dropped;
  PERFORM inbox_count_2(p_client, p_slot, 0, 0, -v_dropped);
  RETURN v_dropped;
END $$;
`
