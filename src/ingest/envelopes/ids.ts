import { z } from 'zod'
import { isUnfilledTemplate, lowerCaseUuid } from '../../values/normal-forms.ts'
import { sha256 } from '../identity.ts'
import { type FieldProblem, found } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

const entityIdForm = /^[A-Za-z0-9_-]{1,128}$/
const eventIdForm = /^[A-Za-z0-9_.:-]{1,128}$/

/** Conversation and participant ids become part of a URL. Not only UUIDs: stand-ins and the tutorial use others. */
export const entityId = z.string().regex(entityIdForm)

export const isEntityId = (value: unknown): value is string =>
  typeof value === 'string' && entityIdForm.test(value)

/** Ids with other characters or of great length are hashed, so that they still identify a redelivery; a blank id counts as absent. */
export function readEventId(given: string | undefined, odd: OddFields, path: string): string | undefined {
  if (given === undefined || eventIdForm.test(given)) return given
  odd.note(path, given)
  return given.trim() === '' ? undefined : sha256(given)
}

/**
 * Reads the id of a conversation or participant, the only fields besides type and topic that can refuse an event. Undefined: a
 * problem was added, which names what was found by its type, never by its value.
 */
export function readEntityId(value: unknown, path: string, problems: FieldProblem[]): string | undefined {
  if (isEntityId(value)) return lowerCaseUuid(value)
  problems.push({ path, message: entityIdMessage(value) })
  return undefined
}

function entityIdMessage(value: unknown): string {
  if (isUnfilledTemplate(value))
    return 'is a template that was not filled in: check the name of the variable where the relay builds the event'
  const form = 'must be 1 to 128 characters of A-Z a-z 0-9 _ -'
  if (typeof value !== 'string' || value === '') return `${form}, but ${found(value)}`
  return `${form}, but has ${value.length > 128 ? `${value.length} characters` : 'other characters'}`
}
