import { ConfigurationError } from '../errors.ts'
import { readTlsFiles, type TlsFiles } from '../http/tls.ts'
import type { CheckResult } from './check-result.ts'
import type { Settings } from './settings.ts'

const remedy = 'Change it in the environment or in .env: docs/configuration.md describes every setting.'

/** All problems and warnings that a start would report, the TLS files included. */
export function checkConfiguration({ problems, warnings, http }: Settings): readonly CheckResult[] {
  const check = 'configuration'
  const all = [...problems, ...(http?.tls === undefined ? [] : tlsProblems(http.tls))]
  const failed = all.map((finding): CheckResult => ({ check, result: 'failed', finding, remedy }))
  const risky = warnings.map((finding): CheckResult => ({ check, result: 'warning', finding, remedy }))
  const results = [...failed, ...risky]
  return results.length > 0 ? results : [{ check, result: 'ok', finding: 'all settings are valid' }]
}

function tlsProblems(files: TlsFiles): readonly string[] {
  try {
    readTlsFiles(files)
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
}
