import { neededNode } from '../config/version.ts'
import type { CheckResult } from './check-result.ts'

/** `version`: such as `24.11.0`. */
export function checkNode(version: string): CheckResult {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = neededNode.split('.').map(Number)
  const check = 'node'
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor))
    return { check, result: 'ok', finding: `Node.js ${version}` }
  return {
    check,
    result: 'failed',
    finding: `Node.js ${version} is too old`,
    remedy: `Install Node.js ${neededNode} or later.`,
  }
}
