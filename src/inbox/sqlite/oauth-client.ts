import type Database from 'better-sqlite3'

/** The OAuth client whose events a file has. It can be replaced: then the file belongs to the new one. */
export function createOauthClient(database: Database.Database) {
  const select = database.prepare<[], string>('SELECT client FROM oauth_client WHERE id = 1').pluck()
  const put = database.prepare<[string]>('INSERT OR REPLACE INTO oauth_client VALUES (1, ?)')
  return {
    get: (): string | undefined => select.get(),
    /** Stores the client if it is given and differs from the stored one. */
    adopt(client: string | undefined): void {
      if (client !== undefined && client !== select.get()) put.run(client)
    },
  }
}
