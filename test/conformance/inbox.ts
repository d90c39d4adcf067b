import { describe } from 'node:test'
import { aging } from './inbox/aging.ts'
import { append } from './inbox/append.ts'
import { borrow } from './inbox/borrow.ts'
import { claim } from './inbox/claim.ts'
import { deadLetters } from './inbox/dead-letters.ts'
import { deliveryPause } from './inbox/delivery-pause.ts'
import type { MakeInboxStore } from './inbox/harness.ts'
import { history } from './inbox/history.ts'
import { lifecycle } from './inbox/lifecycle.ts'
import { model } from './inbox/model.ts'
import { replay } from './inbox/replay.ts'
import { settle } from './inbox/settle.ts'
import { work } from './inbox/work.ts'

export type { InboxStore, MakeInboxStore } from './inbox/harness.ts'

/** The conformance suite of the `Inbox` port, for every storage engine. One file per behaviour. */
export function inboxConformance(makeStore: MakeInboxStore, { modelRuns = 25 } = {}): void {
  describe('append', () => append(makeStore))
  describe('claim', () => claim(makeStore))
  describe('borrow', () => borrow(makeStore))
  describe('settle', () => settle(makeStore))
  describe('expire and prune', () => aging(makeStore))
  describe('dead letters and stats', () => deadLetters(makeStore))
  describe('replay and drop', () => replay(makeStore))
  describe('history of events', () => history(makeStore))
  describe('pause of delivery', () => deliveryPause(makeStore))
  describe('onWork and checkWritable', () => work(makeStore))
  describe('close and reopen', () => lifecycle(makeStore))
  describe('any order of calls', () => model(makeStore, modelRuns))
}
