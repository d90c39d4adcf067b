import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Content, OpenApiDocument, Operation } from '../../src/operate/openapi/operation.ts'

/** An answer of whatever server, as far as a description speaks of it. */
export interface Answer {
  readonly status: number
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

type Node = Record<string, unknown>

/** Lets an object have no field that is not described: a reader may not rely on that, but a test can. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([name, value]) => [name, closed(value)])
  const isObject =
    (node as Node).type === 'object' && 'properties' in node && !('additionalProperties' in node)
  return { ...Object.fromEntries(entries), ...(isObject && { additionalProperties: false }) }
}

/** Checks values against the schemas of a description. */
export function validatorOf({ components }: OpenApiDocument, { strict }: { strict: boolean }) {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false })
  addFormats.default(ajv)
  const local = (schema: unknown): Node =>
    JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'description#/$defs/'))
  const $defs = local(strict ? closed(components.schemas) : components.schemas)
  ajv.addSchema({ $id: 'description', $defs })
  const compiled = new Map<string, ValidateFunction>()
  /** What is wrong with the value; nothing: it is as described. */
  return (schema: unknown, value: unknown): readonly string[] => {
    const key = JSON.stringify(schema)
    const check = compiled.get(key) ?? ajv.compile(local(schema))
    compiled.set(key, check)
    return check(value)
      ? []
      : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
}

/** Fails unless an answer is one of those that are described for the operation. */
export function createDescribed(document: OpenApiDocument) {
  const problemsWith = validatorOf(document, { strict: true })
  return (operation: Operation | undefined, { status, headers, text }: Answer): void => {
    assert.ok(operation, 'the operation is described')
    const response = operation.responses[status]
    assert.ok(response, `${operation.operationId} does not tell of ${status}: ${text}`)
    for (const [name, { required, schema }] of Object.entries(response.headers ?? {})) {
      const value = headers[name.toLowerCase()]
      assert.ok(value !== undefined || required !== true, `${name} is missing`)
      if (value !== undefined) assert.deepEqual(problemsWith(schema, value), [], name)
    }
    const mediaType = String(headers['content-type'] ?? '').split(';', 1)[0] ?? ''
    const content: Content | undefined = response.content?.[mediaType]
    if (response.content === undefined) {
      assert.equal(text, '')
      return
    }
    assert.ok(content, `${operation.operationId} ${status} does not tell of ${mediaType}`)
    const value = mediaType.endsWith('json') ? JSON.parse(text) : text
    assert.deepEqual(problemsWith(content.schema, value), [], `${operation.operationId} ${status}: ${text}`)
  }
}
