/**
 * The schema, as numbered steps: migration n brings `user_version` from n to n + 1. A released step is never
 * edited, only followed by another.
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
  -- A row for each participant with pending events. due_at NULL: claimable now; the two indexes keep claiming
  -- independent of how many participants wait for a time.
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

  -- Written by checkWritable only, to find out whether a write succeeds; the filler is of the size of a batch,
  -- since a full disk may still have room for one page.
  CREATE TABLE write_probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, filler BLOB NOT NULL) STRICT;
  `,
  `
  -- Within a priority, what is still live goes before what has ended; the second index finds who waits longest.
  ALTER TABLE participants ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
  DROP INDEX participants_claimable;
  CREATE INDEX participants_claimable ON participants (priority, ended, first_sequence) WHERE due_at IS NULL;
  CREATE INDEX participants_oldest ON participants (first_sequence) WHERE due_at IS NULL;
  `,
  `
  -- The highest sequence among rows that were forgotten: a sequence is never given twice.
  CREATE TABLE forgotten (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL) STRICT;
  INSERT INTO forgotten SELECT 1, ifnull(max(sequence), 0) FROM known_values;
  `,
  `
  -- Rows that are found by a text have their index in memory (hash-index.ts): texts come in any order, so that an index in the file would
  -- have a page written for each. The id of a participant is the sequence of its first event from now on: ids only rise.
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

  -- Parts of those indexes that do not change any more, and what their hashes begin with.
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
  -- A segment is a sorted list of entries from now on, no longer a hash table. Nothing is lost: an index reads the rows that are in no
  -- segment at the next start, and stores them again.
  DROP TABLE index_segments;
  CREATE TABLE index_segments (
    table_name TEXT NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    entries BLOB NOT NULL,
    UNIQUE (table_name, last_id)
  ) STRICT;
  `,
]
