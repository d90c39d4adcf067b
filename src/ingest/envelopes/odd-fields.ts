import { isUnfilledTemplate } from '../../values/normal-forms.ts'

/** A field of an unexpected type or form. A number counts as text, any other value as absent. */
export interface OddField {
  readonly envelope: EnvelopeName
  /** The path without indexes: `eventBody.participants[].ani`. Comes from the field tables, never from the sender. */
  readonly field: string
  /** The JSON type of the value, or `template` for one that was not filled in. Never the value. */
  readonly found: 'string' | 'number' | 'boolean' | 'object' | 'array' | 'template'
}

export const envelopeNames = ['canonical', 'mapped', 'eventbridge', 'notification', 'cloudevent'] as const
export type EnvelopeName = (typeof envelopeNames)[number]

/** Most items have no odd fields and share this array. */
const none: readonly OddField[] = []

/** Limits the memory of one item: a large snapshot repeats the same few fields. */
const maxPerItem = 100

/** Collects the odd fields of one item. A class, because each item creates one and an instance is cheaper than closures. */
export class OddFields {
  readonly envelope: EnvelopeName
  list: OddField[] | undefined = undefined

  constructor(envelope: EnvelopeName) {
    this.envelope = envelope
  }

  note(field: string, value: unknown): void {
    this.list ??= []
    if (this.list.length < maxPerItem)
      this.list.push({ envelope: this.envelope, field, found: foundIn(value) })
  }

  get all(): readonly OddField[] {
    return this.list ?? none
  }
}

function foundIn(value: unknown): OddField['found'] {
  if (Array.isArray(value)) return 'array'
  if (isUnfilledTemplate(value)) return 'template'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'
}

/** How often a field of an envelope was odd since the start of the process. */
export interface OddFieldCount extends Pick<OddField, 'envelope' | 'field'> {
  count: number
}

const advice = {
  template:
    'field contains an unfilled template, treated as absent: check the variable where the relay builds the event',
  other:
    'field has an unexpected type or form: a number is read as text, JSON text as its object, anything else is treated as absent',
} as const

/** Where the fields came from. */
interface OddFieldSource {
  /** Of the HTTP request. */
  readonly requestId?: string | undefined
  /** Identities of the events that arrived together, one of which has the field. */
  readonly events?: readonly string[]
}

/** Events in a log line. */
const maxEventsLogged = 5

export type OddFieldLog = ReturnType<typeof createOddFieldLog>

/** Counts odd fields and logs each one once. Its size is limited, because field names come from the field tables. */
export function createOddFieldLog(log: { warn(fields: object, message: string): void }) {
  const counts = new Map<string, OddFieldCount>()
  const templates = new Set<string>()
  return {
    note: (odd: readonly OddField[], { requestId, events = [] }: OddFieldSource = {}): void => {
      for (const { envelope, field, found } of odd) {
        const key = `${envelope} ${field}`
        const known = counts.get(key)
        if (known === undefined) counts.set(key, { envelope, field, count: 1 })
        else known.count += 1
        const firstTemplate = found === 'template' && !templates.has(key)
        if (firstTemplate) templates.add(key)
        if (known === undefined || firstTemplate)
          log.warn(
            {
              code: 'odd_field',
              envelope,
              field,
              found,
              ...(requestId !== undefined && { reqId: requestId }),
              ...(events.length > 0 && { events: events.slice(0, maxEventsLogged) }),
            },
            advice[found === 'template' ? found : 'other'],
          )
      }
    },
    counts: (): readonly OddFieldCount[] => [...counts.values()],
  }
}
