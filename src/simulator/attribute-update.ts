import { type ErrorDescription, knownError } from './answers.ts'
import { parseJson, type ReceivedBody } from './request-body.ts'

/** The parsed body of a PATCH, or the error to answer with. */
export type AttributeUpdate =
  | { readonly kind: 'valid'; readonly attributes: Readonly<Record<string, string>> }
  | { readonly kind: 'invalid'; readonly error: ErrorDescription }

/**
 * Reads `{"attributes": {name: "value"}}` (SDK model ParticipantAttributes: a map of strings).
 *
 * Whether Genesys refuses other value types, an empty map or further fields is unverified; here they are 400.
 * For `PATCH …/participants/{id}` this matters: the real operation takes a MediaParticipantRequest, where a
 * field such as `state` can hang up the customer.
 */
export function readAttributeUpdate(
  contentType: string | undefined,
  body: ReceivedBody | undefined,
): AttributeUpdate {
  if (body === undefined) return invalid(400, 'The request has no body.')
  if (body.kind === 'too-large') return { kind: 'invalid', error: knownError(413) }
  if (!isJsonType(contentType)) return { kind: 'invalid', error: knownError(415) }
  const document = parseJson(body.text)
  if (!isObject(document)) return invalid(400, 'The request body is not a JSON object.')
  const unknownField = Object.keys(document).find((name) => name !== 'attributes')
  if (unknownField !== undefined)
    return invalid(400, `Unknown field [${unknownField}], only [attributes] is known.`)
  if (!isObject(document.attributes)) return invalid(400, 'The field [attributes] must be an object.')
  return readAttributes(document.attributes)
}

function readAttributes(candidate: Record<string, unknown>): AttributeUpdate {
  const attributes: [string, string][] = []
  for (const [name, value] of Object.entries(candidate)) {
    if (typeof value !== 'string') return invalid(400, `The value of attribute [${name}] is not a string.`)
    attributes.push([name, value])
  }
  if (attributes.length === 0) return invalid(400, 'The field [attributes] is empty.')
  return { kind: 'valid', attributes: Object.fromEntries(attributes) }
}

function invalid(status: number, message: string): AttributeUpdate {
  return { kind: 'invalid', error: { ...knownError(status), message } }
}

function isJsonType(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
