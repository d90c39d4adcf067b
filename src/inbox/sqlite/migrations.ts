/**
 * Schema migrations: migration n raises `user_version` from n to n + 1. Never edit a released migration; append
 * another one.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE participants (
    id INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    priority INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    due_at INTEGER,
    failure_code TEXT,
    failure_attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (conversation_id, participant_id)
  ) STRICT;
  -- One row per participant with pending events. due_at NULL: claimable now. With the two indexes, the cost of a
  -- claim does not depend on the number of deferred participants.
  CREATE INDEX participants_claimable ON participants (priority, first_sequence) WHERE due_at IS NULL;
  CREATE INDEX participants_deferred ON participants (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    participant INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'applied', 'unchanged', 'dead')),
    settled_at INTEGER,
    code TEXT,
    detail TEXT,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_of_participant ON events (participant, sequence) WHERE state = 'pending';
  CREATE INDEX events_pending ON events (accepted_at) WHERE state = 'pending';
  CREATE INDEX events_settled ON events (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX events_dead ON events (sequence) WHERE state = 'dead';

  CREATE TABLE known_values (
    conversation_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, participant_id, attribute)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX known_values_age ON known_values (known_at);

  -- Only checkWritable writes it, to test whether a write succeeds. The filler has the size of a batch, because
  -- a full disk may still have room for one page.
  CREATE TABLE write_probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, filler BLOB NOT NULL) STRICT;
  `,
  `
  -- Within a priority, live conversations go before ended ones. The second index finds the longest waiting participant.
  ALTER TABLE participants ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
  DROP INDEX participants_claimable;
  CREATE INDEX participants_claimable ON participants (priority, ended, first_sequence) WHERE due_at IS NULL;
  CREATE INDEX participants_oldest ON participants (first_sequence) WHERE due_at IS NULL;
  `,
  `
  -- The highest sequence of all pruned rows, since a sequence is never reused.
  CREATE TABLE forgotten (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL) STRICT;
  INSERT INTO forgotten SELECT 1, ifnull(max(sequence), 0) FROM known_values;
  `,
  `
  -- The indexes by text move to memory (hash-index.ts): texts arrive in random order, so an index in the file would write one page per row.
  -- From now on the id of a participant is the sequence of its first event, so ids only rise.
  ALTER TABLE events RENAME TO events_before;
  ALTER TABLE participants RENAME TO participants_before;
  ALTER TABLE known_values RENAME TO known_values_before;
  CREATE TABLE participants (
    id INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    priority INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    due_at INTEGER,
    failure_code TEXT,
    failure_attempts INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO participants SELECT * FROM participants_before;
  DROP TABLE participants_before;
  CREATE INDEX participants_claimable ON participants (priority, ended, first_sequence) WHERE due_at IS NULL;
  CREATE INDEX participants_oldest ON participants (first_sequence) WHERE due_at IS NULL;
  CREATE INDEX participants_deferred ON participants (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    participant INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'applied', 'unchanged', 'dead')),
    settled_at INTEGER,
    code TEXT,
    detail TEXT,
    event TEXT NOT NULL
  ) STRICT;
  INSERT INTO events SELECT * FROM events_before;
  DROP TABLE events_before;
  CREATE INDEX events_of_participant ON events (participant, sequence) WHERE state = 'pending';
  CREATE INDEX events_pending ON events (accepted_at) WHERE state = 'pending';
  CREATE INDEX events_settled ON events (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX events_dead ON events (sequence) WHERE state = 'dead';

  CREATE TABLE known_values (
    id INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    known_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO known_values
    SELECT row_number() OVER (ORDER BY known_at), * FROM known_values_before;
  DROP TABLE known_values_before;
  CREATE INDEX known_values_age ON known_values (known_at);

  -- Complete segments of those indexes, and the seed of their hashes.
  CREATE TABLE index_segments (
    table_name TEXT NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    slots BLOB NOT NULL,
    UNIQUE (table_name, last_id)
  ) STRICT;
  CREATE TABLE hash_seed (seed INTEGER NOT NULL) STRICT;
  INSERT INTO hash_seed VALUES (random() & 0xffffffff);
  `,
  `
  -- From now on a segment is a sorted list of entries instead of a hash table. At the next start an index reads the rows that no
  -- segment covers, and stores them again.
  DROP TABLE index_segments;
  CREATE TABLE index_segments (
    table_name TEXT NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    entries BLOB NOT NULL,
    UNIQUE (table_name, last_id)
  ) STRICT;
  `,
  `
  -- One row per settled or failed event: what was decided and sent. The rows of conversations with one hash are a chain from the
  -- latest to the oldest (records.ts).
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    previous INTEGER,
    attempts INTEGER NOT NULL,
    decision INTEGER,
    patch INTEGER,
    status INTEGER,
    correlation_id TEXT,
    target_id TEXT
  ) STRICT;
  -- Names of rules and attributes, stored once for all events with the same decision.
  CREATE TABLE decisions (id INTEGER PRIMARY KEY, names TEXT NOT NULL, used_at INTEGER NOT NULL) STRICT;
  CREATE INDEX decisions_age ON decisions (used_at);
  ALTER TABLE events ADD COLUMN record INTEGER;

  -- Replayed events have priority 3, so that they go behind all others. Their age counts from the replay.
  ALTER TABLE events ADD COLUMN replayed_at INTEGER;
  DROP INDEX events_pending;
  CREATE INDEX events_pending ON events (ifnull(replayed_at, accepted_at), replayed_at) WHERE state = 'pending';
  DROP INDEX participants_oldest;
  CREATE INDEX participants_oldest ON participants (first_sequence) WHERE due_at IS NULL AND priority < 3;
  ALTER TABLE participants ADD COLUMN failed_at INTEGER;

  CREATE TABLE delivery_pause (id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL, reason TEXT) STRICT;
  `,
  `
  -- The OAuth client whose events these are.
  CREATE TABLE oauth_client (id INTEGER PRIMARY KEY CHECK (id = 1), client TEXT NOT NULL) STRICT;
  -- One row while another inbox is copied into this file: how far the copy is, as JSON.
  CREATE TABLE transfer (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL) STRICT;
  `,
]
