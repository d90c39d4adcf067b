import { readFile } from 'node:fs/promises'
import { compileRules } from './compile.ts'
import { createRuleSet, type RuleSet } from './evaluate.ts'
import { parseRulesDocument, type RulesProblem } from './rules-document.ts'

export type RulesResult =
  | { readonly kind: 'ok'; readonly rules: RuleSet; readonly ruleNames: readonly string[] }
  /** Lines for a person: `file:line:column path: message`, each followed by the line of the file. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/** Reads and compiles a rules file. Reports every mistake at once; never throws for a bad file. */
export async function loadRules(file: string): Promise<RulesResult> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { kind: 'invalid', problems: [`${file}: cannot be read (${code}): check RULES_FILE`] }
  }
  return compileRulesText(text, file)
}

export function compileRulesText(text: string, file: string): RulesResult {
  const parsed = parseRulesDocument(text)
  const compiled = parsed.kind === 'ok' ? compileRules(parsed.document) : parsed
  if (compiled.kind === 'invalid')
    return { kind: 'invalid', problems: compiled.problems.map((problem) => print(problem, text, file)) }
  return {
    kind: 'ok',
    rules: createRuleSet(compiled.rules),
    ruleNames: compiled.rules.map(({ name }) => name),
  }
}

function print({ line, column, path, message }: RulesProblem, text: string, file: string): string {
  const source = text.split('\n')[line - 1]?.trimEnd() ?? ''
  return `${file}:${line}:${column} ${path === '' ? '' : `${path} `}${message}\n    ${source}\n    ${' '.repeat(column - 1)}^`
}
