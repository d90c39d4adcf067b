import type { EnvelopeName, OddField } from './envelopes/odd-fields.ts'

/** How often a field of an envelope was odd since the start of the process. */
export interface OddFieldCount {
  readonly envelope: EnvelopeName
  readonly field: string
  readonly count: number
}

/** Counts odd fields and logs each one once. Its size is limited, because field names come from the field tables. */
export interface OddFieldLog {
  note(odd: readonly OddField[]): void
  counts(): readonly OddFieldCount[]
}

export interface OddFieldLogDeps {
  readonly log: { warn(fields: object, message: string): void }
}

const advice = {
  template:
    'field contains an unfilled template, treated as absent: check the variable where the relay builds the event',
  other:
    'field has an unexpected type or form: a number is read as text, JSON text as its object, anything else is treated as absent',
} as const

export function createOddFieldLog({ log }: OddFieldLogDeps): OddFieldLog {
  const counts = new Map<string, { envelope: EnvelopeName; field: string; count: number }>()
  const templates = new Set<string>()
  return {
    note: (odd) => {
      for (const { envelope, field, found } of odd) {
        const key = `${envelope} ${field}`
        const known = counts.get(key)
        if (known === undefined) counts.set(key, { envelope, field, count: 1 })
        else known.count += 1
        const firstTemplate = found === 'template' && !templates.has(key)
        if (firstTemplate) templates.add(key)
        if (known === undefined || firstTemplate)
          log.warn(
            { code: 'odd_field', envelope, field, found },
            advice[found === 'template' ? found : 'other'],
          )
      }
    },
    counts: () => [...counts.values()],
  }
}
