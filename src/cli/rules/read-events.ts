import type { FieldProblem, ReadItem } from '../../ingest/envelopes/envelope.ts'
import { readEnvelope, readWithMappingName } from '../../ingest/envelopes/envelopes.ts'
import type { OddField } from '../../ingest/envelopes/odd-fields.ts'
import { identify } from '../../ingest/identity.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import type { ReadEvents } from '../../rules-tooling/tests/run-tests.ts'
import { whyTooDeep } from '../../values/json.ts'

/** Reads the events of an item like the webhook. */
export function readEvents(
  item: unknown,
  mapItem: MapItem | undefined,
  read: ReadItem = readEnvelope,
): ReturnType<ReadEvents> {
  const tooDeep = whyTooDeep(item)
  if (tooDeep !== undefined) return { kind: 'invalid', problems: [tooDeep] }
  const { result, mapping } = readWithMappingName(read, item, mapItem)
  switch (result.kind) {
    case 'events':
      return {
        kind: 'events',
        events: result.drafts.map((draft) => identify(draft, { index: 0 })),
        mapping,
        oddFields: [...new Set(result.odd.map(formatOddField))],
        rejected: result.rejected.map(formatProblem),
      }
    case 'ignored':
      return { kind: 'events', events: [], mapping, oddFields: [], rejected: [] }
    case 'invalid':
      return { kind: 'invalid', problems: result.problems.map(formatProblem) }
  }
}

const formatProblem = ({ path, message }: FieldProblem): string => `${path} ${message}`.trim()

const formatOddField = ({ field, found }: OddField): string =>
  found === 'template'
    ? `${field} is an unfilled template and counts as absent`
    : `${field} has an unexpected type or form (${found})`
