import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { hindranceOf, stateOf } = await pageModule('now/state.js')

const ok = { ok: true }
const node = { id: 'a:1', role: 'all', delivers: true, answers: true }
const titleOf = (
  delivery: object,
  nodes: object[] = [node],
  lifecycle: object = ok,
  waitsFor: string | null = null,
) => {
  const checks = {
    lifecycle,
    load: ok,
    store: ok,
    inbox: ok,
    delivery: { ...ok, state: 'running', ...delivery },
  }
  const current = { health: { checks }, status: { nodes, delivery: { waitsFor } } }
  const hindrance = hindranceOf(current)
  if (hindrance !== undefined) assert.deepEqual(stateOf(current, { mostlyDead: false }), hindrance)
  return hindrance?.title
}

test('every view names what keeps the service from delivering as usual', () => {
  assert.equal(titleOf({}), undefined)
  assert.equal(titleOf({}, [node], ok, 'rate_budget'), undefined)
  assert.equal(titleOf({ ok: false, state: 'paused', code: 'paused_by_operator' }), 'Paused by an operator')
  assert.equal(titleOf({ state: 'paused', code: 'rate_limited' }), 'Waiting: Genesys Cloud refused calls')
  assert.equal(titleOf({ ok: false, state: 'open' }), 'Not delivering')
  assert.equal(titleOf({ dryRun: true }), 'Dry run: no attributes are set')
  assert.equal(titleOf({}, [node], { ok: false, reason: 'draining' }), 'Shutting down')
})

test('a node that does not deliver says whether another one does', () => {
  const standsBy = { ...node, delivers: false }
  const other = { ...node, id: 'b:2', answers: false }
  assert.equal(titleOf({}, [standsBy, other]), 'This node stands by: another one delivers')
  assert.equal(titleOf({}, [standsBy]), 'No node delivers')
})

test('a spent rate budget is a fault only if it is not enough; many failures are named otherwise', () => {
  const checks = { lifecycle: ok, load: ok, store: ok, inbox: ok, delivery: { ...ok, state: 'running' } }
  const current = { health: { checks }, status: { nodes: [node], delivery: { waitsFor: 'rate_budget' } } }
  const stateWith = (direction: string | undefined, mostlyDead = false) =>
    Object.values(stateOf(current, { mostlyDead }, direction))
  assert.deepEqual(stateWith(undefined), ['calm', 'Delivering, up to the rate budget'])
  assert.deepEqual(stateWith('steady'), ['calm', 'Delivering, in step with the rate budget'])
  assert.deepEqual(stateWith('falling'), ['calm', 'Delivering, in step with the rate budget'])
  assert.deepEqual(stateWith('growing', true), ['warn', 'Delivering, but the rate budget is not enough'])
  assert.deepEqual(stateWith('steady', true), ['warn', 'Delivering, but many events fail'])
})
