/** Expiry, retention, and what operators do with dead letters, in steps of a limited number of rows. */
export const agingFunctions = `
-- NULL: the epoch is not that of the owner.
CREATE FUNCTION inbox_expire_1(
  p_client text, p_epoch bigint, p_at bigint, p_accepted_before bigint, p_limit integer, p_leased jsonb
) RETURNS bigint LANGUAGE plpgsql AS $$
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
    WHERE client = p_client AND state = 'pending' AND coalesce(replayed_at, accepted_at) < p_accepted_before
      AND NOT p_leased ? (conversation_id || '/' || participant_id)
    ORDER BY coalesce(replayed_at, accepted_at), sequence LIMIT p_limit) overdue;
  IF v_sequences IS NULL THEN RETURN 0; END IF;
  SELECT array_agg(conversation_id), array_agg(participant_id) INTO v_conversations, v_participants FROM (
    SELECT DISTINCT * FROM unnest(v_conversations, v_participants) AS given (conversation_id, participant_id)) given;
  PERFORM inbox_lock_participants_1(p_client, v_conversations, v_participants);
  WITH updated AS (
    UPDATE inbox_events SET state = 'dead', settled_at = p_at, code = 'expired', detail = NULL, decision = NULL,
      patch = NULL, api_status = NULL, correlation_id = NULL, target_id = NULL
    WHERE client = p_client AND sequence = ANY (v_sequences) AND state = 'pending' RETURNING replayed_at
  )
  SELECT count(*), count(replayed_at) INTO v_expired, v_replayed FROM updated;
  PERFORM inbox_count_1(p_client, 0, -v_expired, -v_replayed, v_expired);
  PERFORM inbox_refresh_1(p_client, v_conversations, v_participants);
  RETURN v_expired;
END $$;

-- Returns the number of deleted events and known values: each at most p_limit.
CREATE FUNCTION inbox_prune_1(p_client text, p_slot integer, p_before bigint, p_limit integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_events bigint;
  v_dead bigint;
  v_values bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  -- Materialized: a plan that repeats the selection would find other rows each time.
  WITH old AS MATERIALIZED (
    SELECT sequence FROM inbox_events WHERE client = p_client AND settled_at < p_before
    ORDER BY settled_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM inbox_events e USING old WHERE e.client = p_client AND e.sequence = old.sequence RETURNING e.state
  )
  SELECT count(*), count(*) FILTER (WHERE state = 'dead') INTO v_events, v_dead FROM deleted;
  IF v_dead > 0 THEN PERFORM inbox_count_1(p_client, p_slot, 0, 0, -v_dead); END IF;
  WITH old AS MATERIALIZED (
    SELECT conversation_id, participant_id, attribute FROM inbox_known_values
    WHERE client = p_client AND known_at < p_before ORDER BY known_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), deleted AS (
    DELETE FROM inbox_known_values k USING old
    WHERE k.client = p_client AND k.conversation_id = old.conversation_id AND k.participant_id = old.participant_id
      AND k.attribute = old.attribute
    RETURNING 1
  )
  SELECT count(*) INTO v_values FROM deleted;
  RETURN v_events + v_values;
END $$;

CREATE FUNCTION inbox_replay_1(p_client text, p_slot integer, p_at bigint, p_sequences bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_replayed bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  WITH revived AS (
    UPDATE inbox_events SET state = 'pending', settled_at = NULL, priority = 3, replayed_at = p_at
    WHERE client = p_client AND sequence = ANY (p_sequences) AND state = 'dead'
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
  PERFORM inbox_count_1(p_client, p_slot, v_replayed, v_replayed, -v_replayed);
  RETURN v_replayed;
END $$;

CREATE FUNCTION inbox_drop_1(p_client text, p_slot integer, p_sequences bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_dropped bigint;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  WITH dropped AS (
    DELETE FROM inbox_events WHERE client = p_client AND sequence = ANY (p_sequences) AND state = 'dead' RETURNING 1
  )
  SELECT count(*) INTO v_dropped FROM dropped;
  PERFORM inbox_count_1(p_client, p_slot, 0, 0, -v_dropped);
  RETURN v_dropped;
END $$;
`
