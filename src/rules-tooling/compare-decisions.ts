import type { Decision } from '../rules/decision.ts'

/** An attribute that two decisions set differently. Absent: not set. */
export interface ChangedAttribute {
  /** `''`: the event has no participant. */
  readonly participantId: string
  readonly attribute: string
  readonly before?: string
  readonly after?: string
}

/** The attributes that differ, by participant. Empty: both set the same. Ignores `needs` and `blocked`. */
export function changedAttributes(before: Decision, after: Decision): readonly ChangedAttribute[] {
  const participants = new Set(
    [...before.changes, ...after.changes].map(({ participantId }) => participantId),
  )
  return [...participants].flatMap((participantId) => {
    const [old, now] = [before, after].map(({ changes }) => valuesFor(changes, participantId))
    return [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].flatMap((attribute) => {
      const [was, is] = [old?.get(attribute), now?.get(attribute)]
      if (was === is) return []
      return [
        {
          participantId,
          attribute,
          ...(was !== undefined && { before: was }),
          ...(is !== undefined && { after: is }),
        },
      ]
    })
  })
}

const valuesFor = (changes: Decision['changes'], participantId: string): ReadonlyMap<string, string> =>
  new Map(
    changes
      .filter((change) => change.participantId === participantId)
      .flatMap(({ attributes }) => Object.entries(attributes)),
  )
