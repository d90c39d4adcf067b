import type { CompiledRule } from '../../rules/file/compile.ts'
import type { RuleDefinition } from '../../rules/file/schema.ts'

/** A rule as it is written and as it was compiled, and where it stands. */
export interface LintedRule {
  readonly definition: RuleDefinition
  readonly compiled: CompiledRule
  readonly path: readonly PropertyKey[]
}
