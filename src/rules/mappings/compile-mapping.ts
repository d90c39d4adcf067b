import { compileTemplate, type TemplateUse } from '../../cel/template.ts'
import { eventTypes } from '../../event.ts'
import { suggest } from '../../values/suggest.ts'
import { type Compilation, compileCondition } from '../file/condition.ts'
import { leavesOf } from '../file/leaves.ts'
import { topicPattern } from '../file/schema-parts.ts'
import { type CompiledMapping, constantOf, type FieldKind, type MappedField } from './compiled-mapping.ts'
import type { MappingDefinition } from './mapping-schema.ts'

type Path = readonly PropertyKey[]
type Written = string | number | boolean

const required: ReadonlySet<string> = new Set(['type', 'conversationId'])
/** A fixed value would be wrong for all items but one. */
const variable: ReadonlySet<string> = new Set(['conversationId', 'participantId', 'id', 'occurredAt'])

/** Compiles and checks one mapping. What has mistakes is told in `problems` of the compilation, and left out. */
export function compileMapping(
  { name, when, ignore, ...definition }: MappingDefinition,
  path: Path,
  compilation: Compilation,
): CompiledMapping {
  const condition = compileCondition(when, [...path, 'when'], 'mapping', compilation)
  if (condition !== undefined && condition.expression.reads.tables.length > 0)
    tellLookup(condition.source, [...path, 'when'], compilation)
  const fields = leavesOf(definition).flatMap(({ path: place, value: written }) => {
    if (written === null) return [] // the schema lets none in
    const field = compileField(place, written, [...path, ...place], compilation)
    return field === undefined ? [] : [field]
  })
  return { name, when: condition, fitsAll: when.trim() === 'true', ignore: ignore === true, fields }
}

function compileField(
  place: readonly string[],
  written: Written,
  path: Path,
  compilation: Compilation,
): MappedField | undefined {
  const { document, expressions, problems } = compilation
  const kind = kindOf(place)
  const source = document.sourceText(path, written)
  const compiled = compileTemplate(source, expressions, 'mapping', uses[kind])
  if (compiled.kind === 'invalid') {
    problems.push(document.problem(path, compiled.message, compiled.offset))
    return undefined
  }
  const { parts, reads } = compiled.template
  if (reads.tables.length > 0) tellLookup(source, path, compilation)
  const name = place.join('.')
  const field = { path: place, kind, required: required.has(name), source, parts }
  const mistake = mistakeIn(field, name)
  if (mistake !== undefined) problems.push(document.problem(path, mistake))
  return field
}

function kindOf(place: readonly string[]): FieldKind {
  if (place.at(-2) === 'attributes') return 'attribute'
  if (place.at(-1) === 'attributes') return 'attributes'
  return place.join('.') === 'occurredAt' ? 'time' : 'text'
}

const isMap = (type: string): boolean => /^(map|dyn)\b/.test(type)
const isText = (type: string): boolean =>
  /^(string|int|uint|double|bool|dyn|google\.protobuf\.Timestamp)$/.test(type)

const uses: Readonly<Record<FieldKind, TemplateUse>> = {
  text: { requirement: 'this field is text', accepts: isText },
  attribute: { requirement: 'an attribute value is text', accepts: isText },
  time: {
    requirement: 'a time is ISO 8601 text or epoch milliseconds',
    accepts: (type) => type !== 'bool' && isText(type),
  },
  attributes: { requirement: 'attributes are a map', accepts: isMap },
}

/** What neither the schema nor CEL can tell. */
function mistakeIn(field: MappedField, name: string): string | undefined {
  const { kind, parts, source } = field
  const constant = constantOf(field)
  const meant = /^\s*(body[.[].*\S|body)\s*$/.exec(source)?.[1]
  if (constant !== undefined && meant !== undefined)
    return `is plain text: write \${${meant}} for what the item has there`
  if (kind === 'attributes' && (parts.length !== 1 || constant !== undefined))
    return 'must be a map of attribute names to values, or one ${…} that gives a map'
  if (constant === undefined) return undefined
  if (variable.has(name))
    return `is the same for every item: write \${…} with the place in the item, such as \${body.${name}}`
  if (name === 'type' && !(eventTypes as readonly string[]).includes(constant)) {
    const type = suggest(constant, eventTypes)
    return `must be ${eventTypes.join(' or ')}${type === undefined ? '' : `: did you mean ${type}?`}`
  }
  if (name === 'topic' && !topicPattern.test(constant))
    return 'is nothing that rules can listen to: a topic is small letters, and dots between them, such as relay.survey'
  return undefined
}

/** A table may have to be asked over HTTP, and the sender waits for its answer. */
function tellLookup(source: string, path: Path, { document, problems }: Compilation): void {
  problems.push(
    document.problem(
      path,
      'a mapping cannot look anything up: a rule can, in its when and set',
      Math.max(0, source.search(/\blookup\s*\(/)),
    ),
  )
}
