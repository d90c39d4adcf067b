import type { CompiledRule } from '../../rules/file/compile.ts'
import type { RuleDefinition } from '../../rules/file/schema.ts'

/** A rule with its definition, its compiled form and its path in the file. */
export interface LintedRule {
  readonly definition: RuleDefinition
  readonly compiled: CompiledRule
  readonly path: readonly PropertyKey[]
}
