import type { ReadEvents } from '../../enrich/rules-tests/rules-tests.ts'
import { readEnvelope } from '../../ingest/envelopes/envelopes.ts'
import { readTellingMapping } from '../../ingest/envelopes/mapped-by.ts'
import { identify } from '../../ingest/identity.ts'
import { whyTooDeep } from '../../ingest/json.ts'

/** The events of an item as the door of the service reads them. */
export const readEvents: ReadEvents = (item, mapItem) => {
  const tooDeep = whyTooDeep(item)
  if (tooDeep !== undefined) return { kind: 'invalid', problems: [tooDeep] }
  const { result, mapping } = readTellingMapping(readEnvelope, item, mapItem)
  switch (result.kind) {
    case 'events':
      return { kind: 'events', events: result.drafts.map((draft) => identify(draft, { index: 0 })), mapping }
    case 'foreign':
      return { kind: 'events', events: [], mapping }
    case 'invalid':
      return {
        kind: 'invalid',
        problems: result.problems.map(({ path, message }) => `${path} ${message}`.trim()),
      }
  }
}
