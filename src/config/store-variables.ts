import type { z } from 'zod'
import { choice, text, wholeNumber } from './schemas.ts'

/** The variables of the inbox. */
export const storeVariables = {
  STORE_URL: {
    schema: text('sqlite:./data/inbox.db').refine(
      (value) =>
        (/^sqlite:./.test(value) && !value.includes(':memory:')) || /^postgres(ql)?:\/\/./.test(value),
      'must be sqlite:PATH, a file that survives a restart, or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    ),
    default: 'sqlite:./data/inbox.db',
    file: true,
    meaning:
      'The inbox: `sqlite:PATH`, on a local disk, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE` ([PostgreSQL](operations/postgresql.md)). The service creates a missing folder. Only one process may use an inbox in SQLite. `STORE_URL_FILE` can name a file that contains the URL.',
  },
  STORE_REQUIRE_SYNC_STANDBY: {
    schema: choice(['true', 'false'], 'false'),
    default: 'false',
    meaning:
      'With `true`, the service starts only if a synchronous standby of the PostgreSQL server confirms each commit, so that no accepted event is lost in a failover.',
  },
  ROLE: {
    schema: choice(['all', 'ingest', 'deliver'], 'all'),
    default: 'all',
    meaning:
      'What this node does: `ingest` takes events from relays and queues, `deliver` sets attributes, `all` does both. For [several nodes](scale.md) on PostgreSQL. A node with `ingest` needs no `GENESYS_CLIENT_SECRET`.',
  },
  OWNERSHIP_LEASE_MS: {
    schema: wholeNumber(500, 600_000, 10_000),
    default: '10000',
    meaning:
      'With several nodes: how long a node that died keeps delivery from the others, in milliseconds. A node that is slow for longer than this stops delivering until it has the right again.',
  },
} as const satisfies Record<string, { schema: z.ZodType; default: string; meaning: string; file?: true }>
