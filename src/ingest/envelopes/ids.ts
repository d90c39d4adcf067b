import { z } from 'zod'
import { isUnfilledTemplate, lowerCaseUuid } from '../../values/normal-forms.ts'
import { sha256 } from '../identity.ts'
import { describeType, type FieldProblem } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

const entityIdForm = /^[A-Za-z0-9_-]{1,128}$/
const eventIdForm = /^[A-Za-z0-9_.:-]{1,128}$/

/** Conversation and participant ids become part of a URL. Not only UUIDs: simulators and the tutorial use other ids. */
export const entityId = z.string().regex(entityIdForm)

export const isEntityId = (value: unknown): value is string =>
  typeof value === 'string' && entityIdForm.test(value)

/** Hashes a long id or one with other characters, so it still identifies a redelivery. A blank id counts as absent. */
export function readEventId(given: string | undefined, odd: OddFields, path: string): string | undefined {
  if (given === undefined || eventIdForm.test(given)) return given
  odd.note(path, given)
  return given.trim() === '' ? undefined : sha256(given)
}

/**
 * Reads the id of a conversation or participant. Besides type and topic, only these fields can reject an event. If the id is
 * invalid, adds a problem, which names the type of the value but not the value, and returns undefined.
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
  if (typeof value !== 'string' || value === '') return `${form}, but ${describeType(value)}`
  return `${form}, but has ${value.length > 128 ? `${value.length} characters` : 'other characters'}`
}
