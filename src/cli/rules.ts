import { Command } from 'commander'
import { checkCommand } from './rules/check.ts'
import { diffCommand } from './rules/diff.ts'
import { evalCommand } from './rules/eval.ts'
import { schemaCommand } from './rules/schema.ts'
import { testCommand } from './rules/test.ts'

/** `genesys-enricher rules …`: commands for rules files. They do not need the service. */
export function rulesCommand(): Command {
  const rules = new Command('rules').description('check, test, evaluate and compare rules files')
  for (const command of [checkCommand(), testCommand(), evalCommand(), diffCommand(), schemaCommand()])
    rules.addCommand(command)
  return rules
}
