import assert from 'node:assert/strict'
import type { ConversationEvent } from '../../src/event.ts'
import type { Decision } from '../../src/rules/decision.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { compileRulesText, type LoadedRules } from '../../src/rules/load-rules.ts'
import type { RulesInForce } from '../../src/rules/rules-in-force.ts'

/** Compiles a rules file. Fails with its problems if it is invalid. */
export const rulesOf = (text: string): RuleSet => compiled(text).rules

function compiled(text: string): LoadedRules {
  const result = compileRulesText(text, 'rules.yaml')
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return result
}

/** A rules file with one rule; `rule` has its keys except the name, as flow YAML without braces. */
export const oneRule = (rule: string): string => `version: 1\nrules:\n  - { name: only, ${rule} }\n`

/** Rules that are never reloaded. `text`: their rules file, for tests that show it. */
export const inForce = (rules: RuleSet, text = 'version: 1\nrules: []\n'): RulesInForce => ({
  current: () => rules,
  source: () => compiled(text),
  status: () => ({
    version: rules.version,
    rules: rules.names.length,
    loadedAt: 0,
    reloads: 0,
    failures: 0,
    stale: false,
  }),
  reload: async () => 'unchanged',
  start: () => {},
  stop: async () => {},
})

/** A decision of a rule named `rule` that sets these attributes on the event's participant. */
export const decided = (
  { participantId = '' }: Pick<ConversationEvent, 'participantId'>,
  attributes: Readonly<Record<string, string>>,
): Decision => ({
  changes: Object.keys(attributes).length > 0 ? [{ participantId, attributes }] : [],
  matched: ['rule'],
  undecided: [],
  needs: [],
  blocked: [],
})

/** Rules that set the attributes of the event. */
export const settingRules: RuleSet = {
  ...rulesOf('version: 1\nrules: []\n'),
  subscribes: () => true,
  evaluate: (event) => decided(event, event.attributes ?? {}),
}

/** All attributes of a decision, of all participants. */
export const attributesIn = ({ changes }: Decision): Record<string, string> =>
  Object.assign({}, ...changes.map(({ attributes }) => attributes))

/** A rules file with mappings m0, m1, … (each as lines of YAML without the name) and a rule for all events. */
export const mappingRules = (...mappings: readonly (readonly string[])[]): string =>
  `version: 1
mappings:
${mappings.map((lines, index) => `  - name: m${index}\n${lines.map((line) => `    ${line}\n`).join('')}`).join('')}rules:
  - { name: all, on: "*", set: { a: b } }
`
