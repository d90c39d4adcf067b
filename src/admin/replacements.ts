import { effectiveTime } from '../event.ts'
import type { EventHistory, Inbox } from '../inbox/inbox.ts'

/** An attribute of an event whose value in the PATCH is that of a later event. */
export interface Replacement {
  readonly attribute: string
  /** The identity of the later event. */
  readonly id: string
}

/** Which attributes of an applied event got their values from later events of the same PATCH, as far as `mergedWith` has these. */
export async function replacementsOf(
  history: EventHistory,
  inbox: Pick<Inbox, 'event'>,
): Promise<readonly Replacement[]> {
  if (history.state !== 'applied') return []
  const merged = await Promise.all(history.mergedWith.map((id) => inbox.event(id)))
  const later = merged
    .flatMap((found) => found?.history ?? [])
    .filter((other) => isLater(other, history))
    .toSorted((one, other) => (isLater(one, other) ? -1 : 1))
  return history.attributeNames.flatMap((attribute) => {
    const latest = later.find(({ attributeNames }) => attributeNames.includes(attribute))
    return latest === undefined ? [] : [{ attribute, id: latest.event.identity }]
  })
}

/** As the merge decides: the later time wins, then the order of acceptance. */
function isLater(one: EventHistory, other: EventHistory): boolean {
  const byMs = effectiveTime(one.event, one.acceptedAt) - effectiveTime(other.event, other.acceptedAt)
  return byMs === 0 ? one.sequence > other.sequence : byMs > 0
}
