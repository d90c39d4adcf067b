import assert from 'node:assert/strict'
import { compileRulesText } from '../../src/enrich/enrich.ts'
import type { RuleSet } from '../../src/enrich/evaluate.ts'

/** The rules of a rules file; fails with its problems if it has any. */
export function rulesOf(text: string): RuleSet {
  const result = compileRulesText(text, 'rules.yaml')
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return result.rules
}

/** A rules file of one rule; `rule` holds its keys but for the name, as flow YAML without braces. */
export const oneRule = (rule: string): string => `version: 1\nrules:\n  - { name: only, ${rule} }\n`
