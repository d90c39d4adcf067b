import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatResult, formatSummary } from '../../../src/cli/doctor/report.ts'
import type { CheckResult } from '../../../src/doctor/check-result.ts'

const failed: CheckResult = { check: 'port', result: 'failed', finding: 'in use', remedy: 'Stop it.' }
const format = (result: CheckResult, previous?: CheckResult, isTerminal = false) =>
  formatResult(result, { previous, isTerminal })

test('a result is one line, its remedy another', () => {
  assert.equal(format(failed), '✗ port           in use\n                 → Stop it.\n')
  assert.equal(
    format({ check: 'clock', result: 'skipped', finding: 'login failed' }),
    '- clock          skipped: login failed\n',
  )
})

test('the remedy of the previous result is not repeated', () => {
  assert.equal(format(failed, failed), '✗ port           in use\n')
})

test('a terminal gets a coloured symbol, other outputs plain text', () => {
  assert.ok(format(failed, undefined, true).startsWith('\u001b[31m✗\u001b[0m port'))
  assert.ok(!format(failed).includes('\u001b'))
})

test('the summary counts every kind', () => {
  const warning: CheckResult = { check: 'rules', result: 'warning', finding: 'x', remedy: 'y' }
  assert.equal(formatSummary([failed, warning]), '\n0 ok, 1 warning, 1 failed, 0 skipped\n')
  assert.equal(formatSummary([warning, warning]), '\n0 ok, 2 warnings, 0 failed, 0 skipped\n')
})
