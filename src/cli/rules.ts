import { Command } from 'commander'
import { loadRules } from '../enrich/enrich.ts'
import { ConfigurationError } from '../errors.ts'

export function rulesCommand(): Command {
  const rules = new Command('rules').description('work on a rules file')
  rules
    .command('check')
    .description('check a rules file without starting the service')
    .argument('<file>', 'the rules file')
    .action(async (file: string) => {
      const result = await loadRules(file)
      if (result.kind === 'invalid') throw new ConfigurationError(`${file} is not valid`, result.problems)
      process.stdout.write(
        `${file} is valid: ${result.ruleNames.length} rules (${result.ruleNames.join(', ')})\n`,
      )
    })
  return rules
}
