import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { type ErrorEntry, errorCatalogue } from '../../../src/errors.ts'
import { openApiDocument, validatorOf } from '../../helpers/description.ts'

const description = await openApiDocument()
const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods))

/** Every object inside a value, with its path. */
function* within(value: unknown, path = '#'): Generator<readonly [string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  yield [path, value as Record<string, unknown>]
  for (const [name, child] of Object.entries(value)) yield* within(child, `${path}/${name}`)
}

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate({ ...description })
  assert.deepEqual(result, { valid: true })
  assert.equal(validator.version, '3.1')
})

test('every schema is valid JSON Schema 2020-12 without unknown keywords', () => {
  const problemsWith = validatorOf(description, { strict: false })
  for (const name of Object.keys(description.components.schemas))
    assert.doesNotThrow(() => problemsWith({ $ref: `#/components/schemas/${name}` }, null), name)
})

test('every schema is used, and every reference resolves', () => {
  const referred = new Set<string>()
  for (const [path, { $ref }] of within(description)) {
    if ($ref === undefined) continue
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(String($ref)) ?? []
    assert.ok(name in description.components.schemas, `${path}: ${$ref}`)
    referred.add(name)
  }
  assert.deepEqual([...referred].sort(), Object.keys(description.components.schemas).sort())
})

test('every operation has a unique id and only defined security schemes', () => {
  const names = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(names).size, names.length)
  const used = operations.flatMap(({ security }) => security.flatMap((schemes) => Object.keys(schemes)))
  assert.deepEqual([...new Set(used)].sort(), Object.keys(description.components.securitySchemes).sort())
})

test('the problem codes are the codes of the catalogue with a status', () => {
  const answers = Object.entries<ErrorEntry>(errorCatalogue).filter(([, { status }]) => status !== undefined)
  const { properties } = description.components.schemas.Problem ?? {}
  const { code } = properties as { code: { enum: string[] } }
  assert.deepEqual(
    code.enum,
    answers.map(([name]) => name),
  )
})

test('every example matches its schema', () => {
  const problemsWith = validatorOf(description, { strict: false })
  const contents = operations.flatMap(({ requestBody, responses }) =>
    [requestBody, ...Object.values(responses)].flatMap((part) => Object.values(part?.content ?? {})),
  )
  const examples = contents.flatMap(({ schema, examples = {} }) =>
    Object.values(examples).map(({ summary, value }) => ({ schema, summary, value })),
  )
  assert.ok(examples.length > 30)
  for (const { schema, summary, value } of examples)
    assert.deepEqual(problemsWith(schema, value), [], summary)
})

test('every described field has a type, or its description says that it is not read', () => {
  for (const [path, { properties }] of within(description.components.schemas)) {
    for (const [name, field] of Object.entries(properties ?? {})) {
      const { description: text, ...rest } = field as Record<string, unknown>
      const known = Object.keys(rest).length > 0 || name === 'time' || name === 'eventBody'
      assert.ok(known || text === 'Stored, not read.' || text === undefined, `${path}/${name}`)
    }
  }
})
