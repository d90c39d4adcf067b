import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { ConfigurationError, systemCodeOf } from '../../errors.ts'
import { rulesJsonSchema, testsJsonSchema } from '../../rules-tooling/json-schema.ts'
import { print } from '../output.ts'

interface SchemaOptions {
  readonly tests?: true
  readonly output?: string
}

/** `rules schema`: prints the JSON Schema that editors use for completion and validation. */
export const schemaCommand = (): Command =>
  new Command('schema')
    .description('print the JSON Schema of rules files, for editors')
    .option('--tests', 'print the schema of .test.yaml files instead')
    .option('--output <file>', 'write to this file instead of standard output')
    .action(async ({ tests, output }: SchemaOptions) => {
      const text = `${JSON.stringify(tests ? testsJsonSchema() : rulesJsonSchema(), null, 2)}\n`
      if (output === undefined) print(text)
      else await write(output, text)
    })

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new ConfigurationError(`${file} cannot be written`, [systemCodeOf(error, 'unreadable')])
  }
}
