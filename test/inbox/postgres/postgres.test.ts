import { after, describe } from 'node:test'
import { openPostgresInbox } from '../../../src/inbox/postgres/postgres.ts'
import { inboxConformance } from '../../conformance/inbox.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { locationOf } from './harness.ts'

describe('the PostgreSQL inbox', { skip: skipWithoutPostgres }, async () => {
  const server = skipWithoutPostgres === false ? await startPostgres({ after }) : undefined
  inboxConformance(async () => {
    const url = (await server?.createStore()) ?? ''
    return {
      open: (options) => openPostgresInbox({ location: locationOf(url), client: 'demo', ...options }),
      remove: async () => {},
    }
  })
})
