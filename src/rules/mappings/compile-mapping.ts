import { attributeValue, isTextual, type TemplateUse } from '../../cel/template.ts'
import { eventTypes } from '../../event.ts'
import { suggest } from '../../values/messages.ts'
import { type Compilation, compileCondition, compileValue } from '../file/compile-expressions.ts'
import { scalarEntriesOf, topicPattern } from '../file/schema-parts.ts'
import type { Path } from '../file/yaml-positions.ts'
import { type CompiledMapping, constantOf, type FieldKind, type MappedField } from './map-item.ts'
import type { MappingDefinition } from './mapping-schema.ts'

type Written = string | number | boolean

const required: ReadonlySet<string> = new Set(['type', 'conversationId'])
/** Fields that identify one event, so a constant would be wrong for most items. */
const variable: ReadonlySet<string> = new Set(['conversationId', 'participantId', 'id', 'occurredAt'])

/** Compiles and checks one mapping. Adds mistakes to `problems` of the compilation and omits the fields that have them. */
export function compileMapping(
  { name, when, ignore, ...definition }: MappingDefinition,
  path: Path,
  compilation: Compilation,
): CompiledMapping {
  const condition = compileCondition(when, [...path, 'when'], 'mapping', compilation)
  if (condition !== undefined && condition.reads.tables.length > 0)
    reportLookup(condition.source, [...path, 'when'], compilation)
  const fields = scalarEntriesOf(definition).flatMap(({ path: fieldPath, value: written }) => {
    if (written === null) return [] // the schema does not allow null
    const field = compileField(fieldPath, written, [...path, ...fieldPath], compilation)
    return field === undefined ? [] : [field]
  })
  return { name, when: condition, matchesEverything: when.trim() === 'true', ignore: ignore === true, fields }
}

function compileField(
  fieldPath: readonly string[],
  written: Written,
  path: Path,
  compilation: Compilation,
): MappedField | undefined {
  const { document, problems } = compilation
  const kind = kindOf(fieldPath)
  const source = document.sourceText(path, written)
  const template = compileValue(source, path, compilation, 'mapping', uses[kind])
  if (template === undefined) return undefined
  if (template.reads.tables.length > 0) reportLookup(source, path, compilation)
  const name = fieldPath.join('.')
  const field = { path: fieldPath, kind, required: required.has(name), source, parts: template.parts }
  const mistake = fieldMistake(field, name)
  if (mistake !== undefined) problems.push(document.problem(path, mistake))
  return field
}

function kindOf(fieldPath: readonly string[]): FieldKind {
  if (fieldPath.at(-2) === 'attributes') return 'attribute'
  if (fieldPath.at(-1) === 'attributes') return 'attributes'
  return fieldPath.join('.') === 'occurredAt' ? 'time' : 'text'
}

const uses: Readonly<Record<FieldKind, TemplateUse>> = {
  text: { requirement: 'this field is text', accepts: isTextual },
  attribute: attributeValue,
  time: {
    requirement: 'a time is ISO 8601 text or epoch milliseconds',
    accepts: (type) => type !== 'bool' && isTextual(type),
  },
  attributes: { requirement: 'attributes are a map', accepts: (type) => /^(map|dyn)\b/.test(type) },
}

/** Mistakes that neither the schema nor CEL can detect. */
function fieldMistake(field: MappedField, name: string): string | undefined {
  const { kind, parts, source } = field
  const constant = constantOf(field)
  const expression = /^\s*(body[.[].*\S|body)\s*$/.exec(source)?.[1]
  if (constant !== undefined && expression !== undefined)
    return `is plain text: write \${${expression}} for the value of the item`
  if (kind === 'attributes' && (parts.length !== 1 || constant !== undefined))
    return 'must be a map of attribute names to values, or one ${…} that gives a map'
  if (constant === undefined) return undefined
  if (variable.has(name))
    return `is the same for every item: write \${…} with the field of the item, such as \${body.${name}}`
  if (name === 'type' && !(eventTypes as readonly string[]).includes(constant)) {
    const type = suggest(constant, eventTypes)
    return `must be ${eventTypes.join(' or ')}${type === undefined ? '' : `: did you mean ${type}?`}`
  }
  if (name === 'topic' && !topicPattern.test(constant))
    return 'is not a valid topic: use lower-case letters, with dots between them, such as relay.survey'
  return undefined
}

/** A mapping runs while the sender waits for the answer, so it must not wait for an HTTP lookup. */
function reportLookup(source: string, path: Path, { document, problems }: Compilation): void {
  problems.push(
    document.problem(
      path,
      'a mapping cannot use lookup(): use it in a rule',
      Math.max(0, source.search(/\blookup\s*\(/)),
    ),
  )
}
