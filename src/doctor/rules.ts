import { loadRules } from '../rules/load-rules.ts'
import { lint } from '../rules-tooling/lint/lint.ts'
import type { CheckResult } from './check-result.ts'

/** Whether the rules file and its tables load, and everything that `rules check` would report. */
export async function checkRules(file: string): Promise<readonly CheckResult[]> {
  const check = 'rules'
  const remedy = `Run "genesys-enricher rules check ${file}": it shows each line.`
  const loaded = await loadRules(file)
  if (loaded.kind === 'invalid')
    return loaded.problems.map((problem) => {
      const [finding = '', ...lines] = problem.split('\n') // a file that cannot be read has no lines to show
      return { check, result: 'failed', finding, remedy: lines.length > 0 ? remedy : 'Correct RULES_FILE.' }
    })
  try {
    const findings = lint(loaded)
    if (findings.length > 0)
      return findings.map(({ severity, line, column, path, message }) => ({
        check,
        result: severity === 'mistake' ? 'failed' : 'warning',
        finding: `${file}:${line}:${column} ${path} ${message}`,
        remedy,
      }))
    return [describeRules(file, loaded.rules.names.length)]
  } finally {
    loaded.rules.close()
  }
}

const describeRules = (file: string, rules: number): CheckResult =>
  rules === 0
    ? {
        check: 'rules',
        result: 'warning',
        finding: `${file} has no rules, so the service ignores every event`,
        remedy: 'Add a rule: docs/rules.md describes them, and examples has complete files.',
      }
    : { check: 'rules', result: 'ok', finding: `${file}, ${rules} ${rules === 1 ? 'rule' : 'rules'}` }
