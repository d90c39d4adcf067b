import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { startService } from './service.ts'

/** As far as the tests read an OpenAPI document. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly components: {
    readonly schemas: Readonly<Record<string, Node>>
    readonly securitySchemes: Readonly<Record<string, Node>>
  }
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options'

export interface Operation {
  readonly operationId: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: Readonly<Record<string, { readonly schema: Node }>>
        readonly content?: Readonly<Record<string, Content>>
      }
    >
  >
}

interface Content {
  readonly schema: Node
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>
}

/** The document of a service, which is the same for every configuration. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const releases: (() => unknown)[] = []
  const url = await startService({ after: (release) => releases.unshift(release) })
  const response = await fetch(`${url}/openapi.json`)
  const document = (await response.json()) as OpenApiDocument
  for (const release of releases) await release()
  return document
}

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
    for (const [name, { schema }] of Object.entries(response.headers ?? {})) {
      const value = headers[name.toLowerCase()]
      assert.ok(value !== undefined, `${name} is missing`)
      assert.deepEqual(problemsWith(schema, value), [], name)
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
