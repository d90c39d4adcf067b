import { isUnfilledTemplate } from '../../values/normal-forms.ts'

/** A field of an unexpected type or form. A number counts as text, any other value as absent. */
export interface OddField {
  readonly envelope: EnvelopeName
  /** The path without indexes: `eventBody.participants[].ani`. Comes from the field tables, never from the sender. */
  readonly field: string
  /** The JSON type of the value, or `template` for one that was not filled in. Never the value. */
  readonly found: Found
}

export type EnvelopeName = 'canonical' | 'mapped' | 'eventbridge' | 'notification' | 'cloudevent'

type Found = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'template'

/** Collects the odd fields of one item. */
export interface OddFields {
  note(field: string, value: unknown): void
  readonly all: readonly OddField[]
}

/** Most items have no odd fields and share this array. */
const none: readonly OddField[] = []

/** Limits the memory of one item: a large snapshot repeats the same few fields. */
const maxPerItem = 100

export const createOddFields = (envelope: EnvelopeName): OddFields => new OddFieldList(envelope)

/** A class, because each item creates one and a class instance is cheaper than closures. */
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
