import type { z } from 'zod'
import type { JsonSchema } from '../../../enrich/rules-file/json-schema.ts'
import { type Html, html, joined, prose } from './html.ts'

type Schema = z.core.JSONSchema.BaseSchema

export const anchorOf = (name: string): string => `schema-${name}`

/** A schema that has a name: what it is for, and its fields. */
export function schemaSection(name: string, schema: JsonSchema): Html {
  const { description, properties } = schema as Schema
  const fields =
    properties === undefined
      ? html`<p>${typeOf(schema)}${limitsOf(schema)}</p>`
      : html`<div class="wide"><table>
<thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead>
<tbody>${rowsOf(schema, '')}</tbody></table></div>`
  return html`<section id="${anchorOf(name)}"><h3>${name}</h3>
<p>${prose(description)}</p>${fields}</section>
`
}

/** What a value can be, in a few words, with links to schemas that have a name. */
export function typeOf(schema: Schema): Html {
  const { $ref, type, const: constant, enum: values, format, items } = schema
  const alternatives = schema.oneOf ?? schema.anyOf
  if ($ref !== undefined) return link($ref.split('/').at(-1) ?? '')
  if (constant !== undefined) return code(constant)
  if (values !== undefined) return joined(values.map(code), ' or ')
  if (type === 'array') return html`list of ${typeOf((items ?? {}) as Schema)}`
  if (type === 'object' && typeof schema.additionalProperties === 'object' && !schema.properties)
    return html`map of text to (${typeOf(schema.additionalProperties as Schema)})`
  if (type !== undefined) return html`${[type].flat().join(' or ')}${format && ` (${format})`}`
  if (alternatives === undefined) return html`anything`
  const types = new Map(alternatives.map((one) => typeOf(one as Schema)).map((one) => [one.html, one]))
  return joined([...types.values()], ' or ')
}

/** A row for each field, those of inner objects and lists included. */
function rowsOf(schema: Schema, prefix: string): readonly Html[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const field = value as Schema
    const path = `${prefix}${name}`
    const core = coreOf(field)
    const row = html`<tr><td><code>${path}</code>${required.has(name) ? html` <em>required</em>` : undefined}</td>
<td>${typeOf(field)}</td><td>${prose(field.description)}${limitsOf(core)}</td></tr>
`
    const items = coreOf((core.items ?? {}) as Schema)
    return [row, ...rowsOf(core, `${path}.`), ...rowsOf(items, `${path}[].`)]
  })
}

/** What it is when it is not null. */
function coreOf(schema: Schema): Schema {
  const [core, ...others] = (schema.anyOf ?? []).filter((one) => (one as Schema).type !== 'null')
  return schema.type === undefined && core !== undefined && others.length === 0 ? (core as Schema) : schema
}

const limits = ['pattern', 'minLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'default'] as const

export function limitsOf(schema: Schema): Html | undefined {
  const found = limits.filter((name) => schema[name] !== undefined)
  if (found.length === 0) return undefined
  const words = found.map((name) => html`${name} <code>${String(schema[name])}</code>`)
  return html` <small>${joined(words, ', ')}</small>`
}

const code = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`
const link = (name: string): Html => html`<a href="#${anchorOf(name)}">${name}</a>`
