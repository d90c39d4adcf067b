import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeDurability } from '../../../src/inbox/postgres/durability.ts'

const defaults = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  synchronous_standby_names: '',
}

for (const [changed, survives, warning] of [
  [{}, 'power_cut', undefined],
  [{ synchronous_standby_names: 'ANY 1 (a, b)' }, 'failover', undefined],
  [{ synchronous_standby_names: 'a', synchronous_commit: 'remote_apply' }, 'failover', undefined],
  [{ synchronous_standby_names: 'a', synchronous_commit: 'local' }, 'power_cut', /a failover can lose/],
  [{ synchronous_standby_names: 'a', synchronous_commit: 'remote_write' }, 'failover', /a failover loses/],
  [{ synchronous_commit: 'off' }, 'power_cut', /stores events with synchronous_commit=on/],
  [{ fsync: 'off' }, 'process_end', /^fsync=off/],
  [{ full_page_writes: 'off', synchronous_standby_names: 'a' }, 'process_end', /^full_page_writes=off/],
] as const)
  test(`with ${JSON.stringify(changed)}, accepted events survive: ${survives}`, () => {
    const found = describeDurability({ ...defaults, ...changed })
    assert.equal(found.survives, survives)
    assert.equal(found.warnings.length, warning === undefined ? 0 : 1)
    if (warning !== undefined) assert.match(found.warnings[0] ?? '', warning)
  })
