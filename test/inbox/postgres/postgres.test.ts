import { after, describe } from 'node:test'
import { openPostgresInbox } from '../../../src/inbox/postgres/postgres.ts'
import { inboxConformance } from '../../conformance/inbox.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { locationOf } from './harness.ts'
import { keepConnections } from './kept-connections.ts'

describe('the PostgreSQL inbox', { skip: skipWithoutPostgres }, async () => {
  const server = skipWithoutPostgres === false ? await startPostgres({ after }) : undefined
  const location = locationOf((await server?.createStore()) ?? '')
  const openConnection = keepConnections({ after })
  let stores = 0
  inboxConformance(
    async () => {
      // A client of its own makes a store as empty as tables of its own would.
      stores += 1
      const client = `client-${stores}`
      return {
        open: (options) => openPostgresInbox({ location, client, openConnection, ...options }),
        remove: async () => {},
      }
    },
    { modelRuns: 5 },
  )
})
