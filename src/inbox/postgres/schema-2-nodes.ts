/** The nodes that share the inbox, and what a node that takes over the delivery must know of the one before. */
export const nodeTables = `
-- calls_from: a node that takes over makes no call before that time.
ALTER TABLE inbox_owners ADD COLUMN calls_from timestamptz;

CREATE TABLE inbox_nodes (
  client text COLLATE "C",
  node text COLLATE "C",
  name text NOT NULL,
  role text NOT NULL,
  rules_version text,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (client, node)
) WITH (fillfactor = 50);

-- Writes that the node is alive, renews or takes the right to deliver if it may, and reads all nodes.
-- epoch: NULL if the node has no right to deliver. hold_ms: how long a new owner waits before its first call.
CREATE FUNCTION inbox_beat_2(
  p_client text, p_node text, p_name text, p_role text, p_rules text, p_lease_ms bigint, p_delivers boolean
) RETURNS TABLE (epoch bigint, hold_ms bigint, nodes json) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_epoch bigint;
  v_calls_from timestamptz;
BEGIN
  PERFORM set_config('lock_timeout', '4s', true);
  -- A node that stands by comes several times a second, and one row version per third of a lease is enough.
  INSERT INTO inbox_nodes AS n VALUES (p_client, p_node, p_name, p_role, p_rules, clock_timestamp())
  ON CONFLICT (client, node) DO UPDATE SET role = excluded.role, rules_version = excluded.rules_version,
    seen_at = excluded.seen_at
  WHERE n.seen_at < clock_timestamp() - least(p_lease_ms / 4, 2500) * interval '1 millisecond'
    OR n.rules_version IS DISTINCT FROM excluded.rules_version;

  IF p_delivers AND NOT EXISTS (
    SELECT FROM inbox_owners o WHERE o.client = p_client AND o.node <> p_node AND o.expires_at > clock_timestamp())
  THEN
    INSERT INTO inbox_owners AS o (client, epoch, node, expires_at)
    VALUES (p_client, 1, p_node, clock_timestamp() + p_lease_ms * interval '1 millisecond')
    ON CONFLICT (client) DO UPDATE SET node = excluded.node, expires_at = excluded.expires_at,
      epoch = CASE WHEN o.node = excluded.node THEN o.epoch ELSE o.epoch + 1 END
    WHERE o.node = excluded.node OR o.expires_at <= clock_timestamp()
    RETURNING o.epoch, o.calls_from INTO v_epoch, v_calls_from;
    IF v_epoch IS NOT NULL THEN
      DELETE FROM inbox_nodes WHERE client = p_client AND seen_at < clock_timestamp() - interval '10 minutes';
    END IF;
  END IF;

  RETURN QUERY SELECT v_epoch,
    greatest(0, ceil(1000 * extract(epoch FROM v_calls_from - clock_timestamp())))::bigint,
    (SELECT json_agg(json_build_object('node', latest.node, 'name', latest.name, 'role', latest.role,
        'rulesVersion', latest.rules_version, 'lastSeenAt', round(1000 * extract(epoch FROM latest.seen_at)),
        'delivers', EXISTS (SELECT FROM inbox_owners o WHERE o.client = p_client AND o.node = latest.node
          AND o.expires_at > clock_timestamp())) ORDER BY latest.name)
      FROM (
        -- A process that was started again has the name of the one before.
        SELECT DISTINCT ON (n.name) n.* FROM inbox_nodes n
        WHERE n.client = p_client AND n.seen_at > clock_timestamp() - interval '10 minutes'
        ORDER BY n.name, n.seen_at DESC
      ) latest);
END $$;
`
