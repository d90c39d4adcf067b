import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getReferencesInExpression, parse } from '@cdktn/hcl2json'
import { z } from 'zod'

export const terraformFolder = fileURLToPath(new URL('../../examples/terraform', import.meta.url))

/** hcl2json gives a list for each block label, because blocks can be repeated. */
const blocks = z.record(z.string(), z.array(z.record(z.string(), z.unknown())))
const configurationSchema = z.strictObject({
  terraform: z.array(z.unknown()).default([]),
  provider: blocks.default({}),
  variable: blocks.default({}),
  locals: z.array(z.record(z.string(), z.unknown())).default([]),
  data: z.record(z.string(), blocks).default({}),
  resource: z.record(z.string(), blocks).default({}),
  output: blocks.default({}),
})

/** One folder, as Terraform reads it: all `.tf` files together. */
export interface Configuration {
  readonly name: string
  readonly variables: z.output<typeof blocks>
  readonly outputs: z.output<typeof blocks>
  readonly locals: readonly string[]
  /** `aws_sqs_queue.events`, `data.aws_iam_policy_document.send`, with its body. */
  readonly declared: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** Everything that refers to something, such as `var.name` or `aws_sqs_queue.events.arn`. */
  readonly references: ReadonlySet<string>
  readonly text: string
}

export const configurationNames = (await readdir(terraformFolder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Throws for a file with a syntax error, with its position. */
export async function readConfiguration(name: string): Promise<Configuration> {
  const folder = join(terraformFolder, name)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.tf'))
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  for (const [index, text] of texts.entries()) await parse(`${name}/${files[index]}`, text)
  const text = texts.join('\n')
  const { variable, output, locals, data, resource, provider } = configurationSchema.parse(
    await parse(`${name}.tf`, text),
  )
  const declared = new Map<string, Record<string, unknown>>()
  for (const [prefix, types] of [
    ['', resource],
    ['data.', data],
  ] as const)
    for (const [type, named] of Object.entries(types))
      for (const [label, bodies] of Object.entries(named))
        for (const body of bodies) declared.set(`${prefix}${type}.${label}`, body)
  return {
    name,
    variables: variable,
    outputs: output,
    locals: locals.flatMap(Object.keys),
    declared,
    references: await referencesIn([provider, variable, output, locals, data, resource]),
    text,
  }
}

async function referencesIn(parsed: readonly unknown[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const expression of stringsIn(parsed).filter((text) => text.includes('${')))
    for (const { value } of await getReferencesInExpression('expression.tf', expression)) found.add(value)
  return found
}

export function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}
