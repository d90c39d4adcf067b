import { Command } from 'commander'
import { loadEnvFile } from '../config/config.ts'
import { version } from '../config/version.ts'
import type { CheckResult } from '../doctor/check-result.ts'
import { diagnose } from '../doctor/doctor.ts'
import { formatJson, formatResult, formatSummary, hasFailed } from './doctor/report.ts'
import { withHelpText } from './help-text.ts'
import { httpUrl } from './option-values.ts'
import { print, printStyled } from './output.ts'

interface DoctorOptions {
  readonly url?: string
  readonly json?: true
}

/** `genesys-enricher doctor`: finds out why the service does not work. Exit code 1 if a check fails. */
export const doctorCommand = (): Command =>
  withHelpText(
    new Command('doctor')
      .description('check configuration, Genesys Cloud, store, rules, port and the running service')
      .option('--url <url>', 'URL of the running service (default: HOST and PORT on this machine)', httpUrl)
      .option('--json', 'print one JSON document')
      .action(run),
    { examples: ['doctor', 'doctor --url https://enricher.example.com'], page: 'doctor.md' },
  )

async function run({ url, json }: DoctorOptions): Promise<void> {
  const environment = loadEnvFile()
  const results: CheckResult[] = []
  const { isTTY: isTerminal } = process.stdout
  for await (const result of diagnose({
    environment,
    url,
    now: Date.now,
    nodeVersion: process.versions.node,
  })) {
    if (json !== true) printStyled(formatResult(result, { previous: results.at(-1), isTerminal }))
    results.push(result)
  }
  print(json === true ? formatJson(results, version) : formatSummary(results))
  if (hasFailed(results)) process.exitCode = 1
}
