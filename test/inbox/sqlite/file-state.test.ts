import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FileSituation, type FileStep, judgeFiles } from '../../../src/inbox/sqlite/file-state.ts'

const paths = { path: '/data/inbox.db', saved: '/data/inbox.db.rescued-2026' }
const inPlace: FileSituation = { folder: 'present', file: 'ours', wal: 'ours', lock: 'ours' }

const cases: readonly [string, Partial<FileSituation>, FileStep, RegExp][] = [
  ['all files in place', {}, 'none', /^$/],
  ['the inbox file removed', { file: 'missing' }, 'save_at_path', /^\/data\/inbox\.db was removed/],
  [
    'all files removed',
    { file: 'missing', wal: 'missing', lock: 'missing' },
    'save_at_path',
    /inbox\.db was/,
  ],
  [
    'the folder removed',
    { folder: 'missing', file: 'missing', wal: 'missing', lock: 'missing' },
    'wait',
    /^the folder of \/data\/inbox\.db/,
  ],
  [
    'the volume unmounted',
    { folder: 'other_device', file: 'missing' },
    'wait',
    /^the volume of .* unmounted/,
  ],
  ['another inbox file', { file: 'other' }, 'save_beside', /^\/data\/inbox\.db was replaced/],
  [
    'a free path beside a foreign -wal',
    { file: 'missing', wal: 'other' },
    'save_beside',
    /inbox\.db-wal was/,
  ],
  ['the -wal removed', { wal: 'missing' }, 'reopen', /^\/data\/inbox\.db-wal was removed/],
  ['the lock removed', { lock: 'missing' }, 'reopen', /^\/data\/inbox\.db\.lock was removed/],
  ['the lock replaced', { lock: 'other' }, 'reopen', /^\/data\/inbox\.db\.lock was removed or replaced/],
]

for (const [what, situation, step, cause] of cases) {
  test(`${what}: ${step}`, () => {
    const verdict = judgeFiles({ ...inPlace, ...situation }, paths)
    assert.equal(verdict.step, step)
    assert.match(verdict.cause, cause)
    assert.equal(verdict.remedy === '', step === 'none')
  })
}

test('the remedy for another file names the copy', () => {
  assert.match(judgeFiles({ ...inPlace, file: 'other' }, paths).remedy, /as \/data\/inbox\.db\.rescued-2026/)
})
