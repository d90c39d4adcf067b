import { isUnfilledTemplate } from '../../values/normal-forms.ts'

/** A field without the type or form that is described: a number in place of a text is read as that text, others count as absent. */
export interface OddField {
  readonly envelope: EnvelopeName
  /** Where it stands, without indexes: `eventBody.participants[].ani`. One of a fixed set, whatever the sender writes. */
  readonly field: string
  /** The JSON type that stood there, or a template that was not filled in. Never the value. */
  readonly found: Found
}

export type EnvelopeName = 'canonical' | 'mapped' | 'eventbridge' | 'notification' | 'cloudevent'

type Found = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'template'

/** Collects the odd fields of one item. */
export interface OddFields {
  note(field: string, value: unknown): void
  readonly all: readonly OddField[]
}

/** Shared by the items without odd fields, which are nearly all. */
const none: readonly OddField[] = []

/** Bounds the memory of one item: a large snapshot repeats the same few fields. */
const maxPerItem = 100

export const createOddFields = (envelope: EnvelopeName): OddFields => new OddFieldList(envelope)

/** A class, because one is made for each item. */
class OddFieldList implements OddFields {
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

function foundIn(value: unknown): Found {
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return isUnfilledTemplate(value) ? 'template' : 'string'
    case 'number':
    case 'boolean':
      return typeof value as 'number' | 'boolean'
    default:
      return 'object'
  }
}
