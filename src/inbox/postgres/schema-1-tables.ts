/**
 * The tables of schema 1. Each has the OAuth client as leading key, so that several clients can share a database.
 * Times are epoch ms of the service's clocks, unless their type is `timestamptz`, which is the time of the server.
 */
export const tables = `
CREATE SEQUENCE inbox_sequence;

-- The node that delivers the events of a client. A write of an earlier owner has an old epoch and changes nothing.
CREATE TABLE inbox_owners (
  client text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL,
  node text NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Sums over all slots of a client are the numbers of events. Slots keep writers from waiting for each other.
CREATE TABLE inbox_counters (
  client text COLLATE "C",
  slot integer,
  pending bigint NOT NULL,
  replayed bigint NOT NULL,
  dead bigint NOT NULL,
  PRIMARY KEY (client, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000);

-- One row per participant with pending events. due_at NULL: claimable now.
CREATE TABLE inbox_participants (
  client text COLLATE "C",
  conversation_id text COLLATE "C",
  participant_id text COLLATE "C",
  priority smallint NOT NULL,
  first_sequence bigint NOT NULL,
  ended boolean NOT NULL DEFAULT false,
  due_at bigint,
  failed_at bigint,
  failure_code text,
  failure_attempts integer NOT NULL DEFAULT 0,
  PRIMARY KEY (client, conversation_id, participant_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX inbox_participants_claimable ON inbox_participants (client, priority, ended, first_sequence)
  WHERE due_at IS NULL;
CREATE INDEX inbox_participants_oldest ON inbox_participants (client, first_sequence)
  WHERE due_at IS NULL AND priority < 3;
CREATE INDEX inbox_participants_deferred ON inbox_participants (client, due_at) WHERE due_at IS NOT NULL;

-- event, decision and the texts of known values are JSON in text columns: json and jsonb do not accept \\u0000.
CREATE TABLE inbox_events (
  client text COLLATE "C",
  sequence bigint,
  identity text COLLATE "C" NOT NULL,
  conversation_id text COLLATE "C" NOT NULL,
  participant_id text COLLATE "C" NOT NULL,
  priority smallint NOT NULL,
  accepted_at bigint NOT NULL,
  replayed_at bigint,
  state text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'applied', 'unchanged', 'dead')),
  settled_at bigint,
  code text,
  detail text,
  attempts integer NOT NULL DEFAULT 0,
  decision text,
  patch bigint,
  api_status integer,
  correlation_id text,
  target_id text,
  event text NOT NULL,
  PRIMARY KEY (client, sequence),
  UNIQUE (client, identity)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX inbox_events_of_conversation ON inbox_events (client, conversation_id, sequence);
CREATE INDEX inbox_events_pending ON inbox_events (client, conversation_id, participant_id, sequence)
  WHERE state = 'pending';
CREATE INDEX inbox_events_age ON inbox_events (client, (coalesce(replayed_at, accepted_at))) WHERE state = 'pending';
CREATE INDEX inbox_events_settled ON inbox_events (client, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX inbox_events_dead ON inbox_events (client, sequence) WHERE state = 'dead';
CREATE INDEX inbox_events_of_patch ON inbox_events (client, patch) WHERE patch IS NOT NULL;

CREATE TABLE inbox_known_values (
  client text COLLATE "C",
  conversation_id text COLLATE "C",
  participant_id text COLLATE "C",
  attribute text COLLATE "C",
  value text NOT NULL,
  decided_at bigint NOT NULL,
  sequence bigint NOT NULL,
  known_at bigint NOT NULL,
  PRIMARY KEY (client, conversation_id, participant_id, attribute)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX inbox_known_values_age ON inbox_known_values (client, known_at);

CREATE TABLE inbox_pauses (client text COLLATE "C" PRIMARY KEY, since bigint NOT NULL, reason text);

-- Only checkWritable writes it, to test whether a write succeeds.
CREATE TABLE inbox_write_probes (client text COLLATE "C", slot integer, at bigint NOT NULL, PRIMARY KEY (client, slot))
  WITH (fillfactor = 50);
`
