import { configurationError } from './configuration-error.ts'
import type { Connections } from './connections.ts'
import type { Location } from './location.ts'

/** Throws `InboxOpenError` if the database cannot store every text. */
export async function checkEncoding(
  { query }: Pick<Connections, 'query'>,
  { shown }: Pick<Location, 'shown'>,
): Promise<void> {
  const [row] = await query<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding")
  if (row?.encoding !== 'UTF8')
    throw configurationError(
      `The database of the inbox ${shown} has the encoding ${row?.encoding}: create one with ENCODING 'UTF8' TEMPLATE template0`,
    )
}
