import type { RulesDocument } from '../../rules/file/document.ts'
import type { TestDefinition } from '../../rules/file/test-schema.ts'

/** A test, and the document it stands in: the rules file, or a file of tests. */
export interface PlacedTest {
  readonly definition: TestDefinition
  readonly path: readonly PropertyKey[]
  readonly document: RulesDocument
}
