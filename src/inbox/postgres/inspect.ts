import type { InboxInspection } from '../inbox.ts'
import { readDurability } from './durability.ts'
import { readSchema, supportedSchema } from './migrations.ts'
import { connect } from './recorded.ts'

/** Looks at the inbox from outside. It changes nothing, so a service may use it. Throws `InboxOpenError`. */
export async function inspectPostgresInbox(text: string): Promise<InboxInspection> {
  const { connections, location, toOpenError } = connect(text)
  const { query } = connections
  try {
    const { schema } = await readSchema(query)
    const { survives, warnings } = await readDurability(query)
    const [row] = await query<{ read_only: string }>(
      "SELECT current_setting('transaction_read_only') AS read_only",
    )
    const isWritable = row?.read_only === 'off'
    return {
      kind: 'server',
      server: location.shown,
      schema,
      supportedSchema,
      isWritable,
      durability: { survives, warnings },
    }
  } catch (error) {
    throw toOpenError(error)
  } finally {
    await connections.close()
  }
}
