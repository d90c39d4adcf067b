/** Claims and settlements: each works on many participants in one round trip. Only the owner of the client's delivery calls them. */
export const deliveryFunctions = `
-- Makes due participants claimable (in steps: after an outage, all may be due), then reads the most urgent and the longest waiting ones, one row per event.
-- p_leased: an object whose keys are the participants to skip.
CREATE FUNCTION inbox_claim_1(
  p_client text, p_at bigint, p_leased jsonb, p_urgent integer, p_oldest integer, p_max_events integer,
  p_max_bytes bigint, p_max_defer_ms bigint
) RETURNS TABLE (
  conversation_id text, participant_id text, failure_code text, failure_attempts integer, urgent bigint, oldest bigint,
  known json, sequence bigint, accepted_at bigint, replayed_at bigint, event text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  UPDATE inbox_participants SET due_at = NULL WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_participants
    WHERE client = p_client AND due_at <= p_at ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED));
  UPDATE inbox_participants SET due_at = NULL WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_participants
    WHERE client = p_client AND due_at > p_at + p_max_defer_ms ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED));

  RETURN QUERY
  WITH most_urgent AS (
    SELECT *, row_number() OVER (ORDER BY priority, ended, first_sequence) AS rank FROM (
      SELECT p.* FROM inbox_participants p
      WHERE p.client = p_client AND p.due_at IS NULL AND NOT p_leased ? (p.conversation_id || '/' || p.participant_id)
      ORDER BY p.priority, p.ended, p.first_sequence LIMIT p_urgent) u
  ), longest_waiting AS (
    SELECT *, row_number() OVER (ORDER BY first_sequence) AS rank FROM (
      SELECT p.* FROM inbox_participants p
      WHERE p.client = p_client AND p.due_at IS NULL AND p.priority < 3
        AND NOT p_leased ? (p.conversation_id || '/' || p.participant_id)
      ORDER BY p.first_sequence LIMIT p_oldest) o
  ), chosen AS (
    SELECT c.conversation_id, c.participant_id, min(c.failure_code) AS failure_code,
      min(c.failure_attempts) AS failure_attempts, min(c.urgent) AS urgent, min(c.oldest) AS oldest
    FROM (
      SELECT u.conversation_id, u.participant_id, u.failure_code, u.failure_attempts, u.rank AS urgent, NULL::bigint AS oldest
      FROM most_urgent u
      UNION ALL
      SELECT o.conversation_id, o.participant_id, o.failure_code, o.failure_attempts, NULL, o.rank FROM longest_waiting o
    ) c GROUP BY c.conversation_id, c.participant_id
  ), sized AS (
    SELECT c.*, e.sequence, e.accepted_at, e.replayed_at, e.event, e.is_first,
      sum(octet_length(e.event)) OVER (ORDER BY least(c.urgent, c.oldest)) AS bytes_so_far
    FROM chosen c CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT e.sequence, e.accepted_at, e.replayed_at, e.event,
          row_number() OVER (ORDER BY e.sequence) = 1 AS is_first,
          sum(octet_length(e.event)) OVER (ORDER BY e.sequence) AS bytes
        FROM (
          SELECT * FROM inbox_events e
          WHERE e.client = p_client AND e.conversation_id = c.conversation_id AND e.participant_id = c.participant_id
            AND e.state = 'pending'
          ORDER BY e.sequence LIMIT p_max_events) e
      ) e WHERE e.is_first OR e.bytes <= p_max_bytes
    ) e
  )
  SELECT s.conversation_id, s.participant_id, s.failure_code, s.failure_attempts, s.urgent, s.oldest,
    CASE WHEN s.is_first THEN (
      SELECT json_agg(json_build_array(k.attribute, k.value, k.decided_at, k.sequence, k.known_at))
      FROM inbox_known_values k
      WHERE k.client = p_client AND k.conversation_id = s.conversation_id AND k.participant_id = s.participant_id
    ) END,
    s.sequence, s.accepted_at, s.replayed_at, s.event
  FROM sized s WHERE s.bytes_so_far <= 4 * p_max_bytes OR least(s.urgent, s.oldest) = 1
  ORDER BY least(s.urgent, s.oldest), s.conversation_id, s.participant_id, s.sequence;
END $$;

-- Updates the rows of participants after some of their events were settled; the caller has locked them. A separate statement
-- after the lock sees the events of every append that had the lock before.
CREATE FUNCTION inbox_refresh_1(p_client text, p_conversations text[], p_participants text[])
RETURNS void LANGUAGE sql AS $$
  WITH rest AS (
    SELECT given.conversation_id, given.participant_id, pending.first, pending.priority
    FROM unnest(p_conversations, p_participants) AS given (conversation_id, participant_id)
    CROSS JOIN LATERAL (
      SELECT min(sequence) AS first, min(priority) AS priority FROM (
        SELECT e.sequence, e.priority FROM inbox_events e
        WHERE e.client = p_client AND e.conversation_id = given.conversation_id
          AND e.participant_id = given.participant_id AND e.state = 'pending'
        ORDER BY e.sequence LIMIT 500) events
    ) pending
  ), settled AS (
    DELETE FROM inbox_participants p USING rest
    WHERE p.client = p_client AND p.conversation_id = rest.conversation_id AND p.participant_id = rest.participant_id
      AND rest.first IS NULL
  )
  UPDATE inbox_participants p SET first_sequence = rest.first, priority = rest.priority FROM rest
  WHERE p.client = p_client AND p.conversation_id = rest.conversation_id AND p.participant_id = rest.participant_id
    AND rest.first IS NOT NULL
$$;

CREATE FUNCTION inbox_lock_participants_1(p_client text, p_conversations text[], p_participants text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM inbox_participants p JOIN unnest(p_conversations, p_participants) AS given (conversation_id, participant_id)
    ON p.conversation_id = given.conversation_id AND p.participant_id = given.participant_id
  WHERE p.client = p_client ORDER BY p.conversation_id, p.participant_id FOR UPDATE OF p;
END $$;

-- Whether the epoch is that of the owner. The lock makes a new owner wait until this transaction ends.
CREATE FUNCTION inbox_holds_1(p_client text, p_epoch bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  PERFORM FROM inbox_owners WHERE client = p_client AND epoch = p_epoch FOR SHARE;
  RETURN FOUND;
END $$;

-- p_due: NULL makes the participant claimable and clears its failure. o_…: outcomes. a_…: events with a failed call that stay
-- pending. k_…: known values.
CREATE FUNCTION inbox_settle_1(
  p_client text, p_epoch bigint, p_at bigint,
  p_conversations text[], p_participants text[], p_due bigint[], p_codes text[], p_attempts integer[],
  o_sequences bigint[], o_states text[], o_codes text[], o_details text[], o_called integer[], o_decisions text[],
  o_patches bigint[], o_statuses integer[], o_correlations text[], o_targets text[],
  a_sequences bigint[],
  k_conversations text[], k_participants text[], k_attributes text[], k_values text[], k_decided bigint[],
  k_sequences bigint[], k_known bigint[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_settled bigint;
  v_replayed bigint;
  v_dead bigint;
BEGIN
  IF NOT inbox_holds_1(p_client, p_epoch) THEN RETURN false; END IF;
  PERFORM inbox_lock_participants_1(p_client, p_conversations, p_participants);
  IF cardinality(o_sequences) > 0 THEN
    WITH updated AS (
      UPDATE inbox_events e SET state = o.state, settled_at = p_at, code = o.code, detail = o.detail,
        attempts = e.attempts + o.called, decision = o.decision, patch = o.patch, api_status = o.api_status,
        correlation_id = o.correlation_id, target_id = o.target_id
      FROM unnest(o_sequences, o_states, o_codes, o_details, o_called, o_decisions, o_patches, o_statuses, o_correlations,
        o_targets) AS o (sequence, state, code, detail, called, decision, patch, api_status, correlation_id, target_id)
      WHERE e.client = p_client AND e.sequence = o.sequence AND e.state = 'pending'
      RETURNING e.state, e.replayed_at
    )
    SELECT count(*), count(replayed_at), count(*) FILTER (WHERE state = 'dead') INTO v_settled, v_replayed, v_dead
    FROM updated;
    PERFORM inbox_count_1(p_client, 0, -v_settled, -v_replayed, v_dead);
  END IF;
  IF cardinality(a_sequences) > 0 THEN
    UPDATE inbox_events SET attempts = attempts + 1
    WHERE client = p_client AND sequence = ANY (a_sequences) AND state = 'pending';
  END IF;
  IF cardinality(k_attributes) > 0 THEN
    INSERT INTO inbox_known_values
    SELECT p_client, * FROM unnest(k_conversations, k_participants, k_attributes, k_values, k_decided, k_sequences, k_known)
    ON CONFLICT (client, conversation_id, participant_id, attribute) DO UPDATE SET value = excluded.value,
      decided_at = excluded.decided_at, sequence = excluded.sequence, known_at = excluded.known_at;
  END IF;
  IF cardinality(p_conversations) > 0 THEN
    PERFORM inbox_refresh_1(p_client, p_conversations, p_participants);
    UPDATE inbox_participants p SET due_at = given.due_at, failure_code = given.code,
      failure_attempts = given.attempts, failed_at = CASE WHEN given.due_at IS NOT NULL THEN p_at END
    FROM unnest(p_conversations, p_participants, p_due, p_codes, p_attempts)
      AS given (conversation_id, participant_id, due_at, code, attempts)
    WHERE p.client = p_client AND p.conversation_id = given.conversation_id AND p.participant_id = given.participant_id
      AND (p.due_at, p.failure_code, p.failure_attempts) IS DISTINCT FROM (given.due_at, given.code, given.attempts);
  END IF;
  RETURN true;
END $$;
`
