import { z } from 'zod'
import {
  type Entry,
  parseRulesDocument,
  type RulesDocument,
  type RulesDocumentResult,
} from '../../rules/file/document.ts'
import type { TestDefinition } from '../../rules/file/test-schema.ts'
import { mapOf } from '../../values/messages.ts'

/** A test with its document: the rules file or a test file. */
export interface DocumentTest extends Entry<TestDefinition> {
  readonly file: string
  readonly document: RulesDocument
}

export const testsOf = (document: RulesDocument, file: string): readonly DocumentTest[] =>
  document.tests.map((test) => ({ ...test, file, document }))

const belongsInRulesFile = z
  .undefined({ error: 'belongs in the rules file: a test file contains only tests' })
  .optional()

/** A test file beside a rules file. Each test is validated with its own schema. */
export const testsFileSchema = z.strictObject(
  {
    version: z.literal(1, { error: 'must be 1' }).optional().describe('The version of this format: 1.'),
    tests: z.array(z.unknown(), {
      error: 'must be a list of tests, each of which begins with - and a space',
    }),
    rules: belongsInRulesFile,
    lookups: belongsInRulesFile,
    mappings: belongsInRulesFile,
  },
  mapOf('tests'),
)

/** Reads a test file. Its `problems` are those of the tests. */
export const parseTestsDocument = (text: string): RulesDocumentResult =>
  parseRulesDocument(text, testsFileSchema)
