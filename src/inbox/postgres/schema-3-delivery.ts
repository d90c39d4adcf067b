/**
 * Claims and settlements whose plans do not depend on statistics. When the statistics come from a moment without pending events, the
 * planner expects one row in every index of pending events and takes any of them. `inbox_settle_1` then read all pending events
 * for each participant.
 *
 * Three forms prevent that. Statements that look for pending events in time order say `settled_at IS NULL`, and those that look for
 * the events of a participant say `state = 'pending'`: each condition has one index. Statements that know the sequence say
 * `state || '' = 'pending'`, which fits no index. `LATERAL` with `OFFSET 0` keeps the planner from starting with the table, and the
 * settings of the functions from reading a whole table because it was small when the plan was made.
 */
export const delivery2 = `
DROP INDEX inbox_events_age;
CREATE INDEX inbox_events_waiting ON inbox_events (client, (coalesce(replayed_at, accepted_at))) WHERE settled_at IS NULL;

CREATE FUNCTION inbox_lock_participants_2(p_client text, p_conversations text[], p_participants text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM (
    SELECT * FROM unnest(p_conversations, p_participants) AS given (conversation_id, participant_id)
    ORDER BY conversation_id COLLATE "C", participant_id COLLATE "C"
  ) given CROSS JOIN LATERAL (
    SELECT FROM inbox_participants p
    WHERE p.client = p_client AND p.conversation_id = given.conversation_id AND p.participant_id = given.participant_id
    FOR UPDATE
  ) locked;
END $$;

-- Updates the rows of participants after some of their events were settled; the caller has locked them. A separate statement
-- after the lock sees the events of every append that had the lock before. An element NULL in p_due makes the participant claimable
-- and clears its failure; NULL instead of the array leaves both as they are.
CREATE FUNCTION inbox_refresh_2(
  p_client text, p_at bigint, p_conversations text[], p_participants text[], p_due bigint[], p_codes text[],
  p_attempts integer[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH rest AS MATERIALIZED (
    SELECT participant.row, given.due_at, given.code, given.attempts, pending.first, pending.priority
    FROM unnest(p_conversations, p_participants, p_due, p_codes, p_attempts)
      AS given (conversation_id, participant_id, due_at, code, attempts)
    CROSS JOIN LATERAL (
      SELECT p.ctid AS row FROM inbox_participants p
      WHERE p.client = p_client AND p.conversation_id = given.conversation_id AND p.participant_id = given.participant_id
      OFFSET 0
    ) participant
    CROSS JOIN LATERAL (
      SELECT min(sequence) AS first, min(priority) AS priority FROM (
        SELECT e.sequence, e.priority FROM inbox_events e
        WHERE e.client = p_client AND e.conversation_id = given.conversation_id
          AND e.participant_id = given.participant_id AND e.state = 'pending'
        ORDER BY e.sequence LIMIT 500) events
    ) pending
  ), settled AS (
    DELETE FROM inbox_participants WHERE ctid = ANY (ARRAY(SELECT row FROM rest WHERE first IS NULL))
  )
  UPDATE inbox_participants p SET first_sequence = rest.first, priority = rest.priority,
    due_at = CASE WHEN p_due IS NULL THEN p.due_at ELSE rest.due_at END,
    failure_code = CASE WHEN p_due IS NULL THEN p.failure_code ELSE rest.code END,
    failure_attempts = CASE WHEN p_due IS NULL THEN p.failure_attempts ELSE rest.attempts END,
    failed_at = CASE WHEN p_due IS NULL THEN p.failed_at WHEN rest.due_at IS NOT NULL THEN p_at END
  FROM rest WHERE p.ctid = rest.row AND rest.first IS NOT NULL;
END $$;

-- o_…: outcomes. a_…: events with a failed call that stay pending. k_…: known values.
CREATE FUNCTION inbox_settle_2(
  p_client text, p_epoch bigint, p_at bigint,
  p_conversations text[], p_participants text[], p_due bigint[], p_codes text[], p_attempts integer[],
  o_sequences bigint[], o_states text[], o_codes text[], o_details text[], o_called integer[], o_decisions text[],
  o_patches bigint[], o_statuses integer[], o_correlations text[], o_targets text[],
  a_sequences bigint[],
  k_conversations text[], k_participants text[], k_attributes text[], k_values text[], k_decided bigint[],
  k_sequences bigint[], k_known bigint[]
) RETURNS boolean LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  v_settled bigint;
  v_replayed bigint;
  v_dead bigint;
BEGIN
  IF NOT inbox_holds_1(p_client, p_epoch) THEN RETURN false; END IF;
  PERFORM inbox_lock_participants_2(p_client, p_conversations, p_participants);
  IF cardinality(o_sequences) > 0 THEN
    WITH given AS MATERIALIZED (
      SELECT o.*, stored.row
      FROM unnest(o_sequences, o_states, o_codes, o_details, o_called, o_decisions, o_patches, o_statuses, o_correlations,
        o_targets) AS o (sequence, state, code, detail, called, decision, patch, api_status, correlation_id, target_id)
      CROSS JOIN LATERAL (
        SELECT e.ctid AS row FROM inbox_events e
        WHERE e.client = p_client AND e.sequence = o.sequence AND e.state || '' = 'pending' OFFSET 0
      ) stored
    ), updated AS (
      UPDATE inbox_events e SET state = o.state, settled_at = p_at, code = o.code, detail = o.detail,
        attempts = e.attempts + o.called, decision = o.decision, patch = o.patch, api_status = o.api_status,
        correlation_id = o.correlation_id, target_id = o.target_id
      FROM given o WHERE e.ctid = o.row AND e.state || '' = 'pending'
      RETURNING e.state, e.replayed_at
    )
    SELECT count(*), count(replayed_at), count(*) FILTER (WHERE state = 'dead') INTO v_settled, v_replayed, v_dead
    FROM updated;
    PERFORM inbox_count_2(p_client, 0, -v_settled, -v_replayed, v_dead);
  END IF;
  IF cardinality(a_sequences) > 0 THEN
    UPDATE inbox_events SET attempts = attempts + 1
    WHERE ctid = ANY (ARRAY(
      SELECT stored.row FROM unnest(a_sequences) AS given (sequence) CROSS JOIN LATERAL (
        SELECT e.ctid AS row FROM inbox_events e
        WHERE e.client = p_client AND e.sequence = given.sequence AND e.state || '' = 'pending' OFFSET 0
      ) stored));
  END IF;
  IF cardinality(k_attributes) > 0 THEN
    INSERT INTO inbox_known_values
    SELECT p_client, * FROM unnest(k_conversations, k_participants, k_attributes, k_values, k_decided, k_sequences, k_known)
    ON CONFLICT (client, conversation_id, participant_id, attribute) DO UPDATE SET value = excluded.value,
      decided_at = excluded.decided_at, sequence = excluded.sequence, known_at = excluded.known_at;
  END IF;
  IF cardinality(p_conversations) > 0 THEN
    PERFORM inbox_refresh_2(p_client, p_at, p_conversations, p_participants, p_due, p_codes, p_attempts);
  END IF;
  RETURN true;
END $$;
`
