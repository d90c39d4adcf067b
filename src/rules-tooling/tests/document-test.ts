import type { RulesDocument } from '../../rules/file/document.ts'
import type { TestDefinition } from '../../rules/file/test-schema.ts'

/** A test with its document: the rules file or a test file. */
export interface DocumentTest {
  readonly definition: TestDefinition
  readonly path: readonly PropertyKey[]
  readonly document: RulesDocument
}
