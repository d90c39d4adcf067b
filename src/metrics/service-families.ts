import { version } from '../config/version.ts'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import type { InboxStats } from '../inbox/inbox.ts'
import type { OddFieldCount } from '../ingest/envelopes/odd-fields.ts'
import type { PressureStatus } from '../ingest/pressure.ts'
import type { NotificationsStatus } from '../notifications/status.ts'
import type { RulesStatus } from '../rules/rules-in-force.ts'
import { authFamily } from './auth-family.ts'
import { byLabel, type Family } from './families.ts'
import { notificationsFamilies } from './notifications-families.ts'
import { oddFieldsFamily } from './odd-fields-family.ts'
import { pressureFamilies } from './pressure-families.ts'
import type { Details, Totals } from './totals.ts'

export interface ServiceReadings {
  readonly totals: Readonly<Totals>
  readonly details: Details
  /** The inbox statistics of this scrape; undefined if the inbox could not be read. */
  readonly stats: () => InboxStats | undefined
  readonly maxPending: number
  readonly deliveryState: () => DeliveryState
  readonly rules: () => RulesStatus
  /** Absent if the service opens no notification websockets. */
  readonly notifications?: (() => NotificationsStatus) | undefined
  readonly pressure: () => PressureStatus
  readonly oddFields: () => readonly OddFieldCount[]
  readonly budget: () => { readonly allowed: number; readonly remaining: number }
  /** Epoch ms, from the clock that also sets `acceptedAt`. */
  readonly now: () => number
}

/** All metrics except histograms, without the name prefix. */
export const serviceFamilies = (readings: ServiceReadings): readonly Family[] => [
  ...ingestFamilies(readings),
  oddFieldsFamily(readings.oddFields),
  ...pressureFamilies(readings.pressure),
  ...notificationsFamilies(readings.notifications),
  ...deliveryFamilies(readings),
  ...rulesFamilies(readings),
  ...inboxFamilies(readings),
  {
    type: 'gauge',
    name: 'build_info',
    help: 'Always 1. The labels are the versions of the service and of Node.js.',
    labelNames: ['version', 'node'],
    read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
  },
]

const ingestFamilies = ({ totals, details }: ServiceReadings): readonly Family[] => [
  {
    type: 'counter',
    name: 'webhook_requests_total',
    help: 'Answered webhook requests, by HTTP status.',
    labelNames: ['status'],
    read: () => byLabel('status', details.requests),
  },
  authFamily(details.credentials),
  {
    type: 'counter',
    name: 'events_received_total',
    help: 'Received events, by the result in the answer.',
    labelNames: ['result'],
    read: () => [
      { labels: { result: 'accepted' }, value: totals.accepted },
      { labels: { result: 'duplicate' }, value: totals.duplicates },
      { labels: { result: 'ignored' }, value: totals.ignored },
      { labels: { result: 'rejected' }, value: totals.rejected },
    ],
  },
]

const deliveryFamilies = ({ totals, details, deliveryState, budget }: ServiceReadings): readonly Family[] => [
  {
    type: 'counter',
    name: 'events_settled_total',
    help: 'Settled events by outcome, dead letters also by code.',
    labelNames: ['outcome', 'code'],
    read: () => [
      { labels: { outcome: 'applied', code: '' }, value: totals.applied },
      { labels: { outcome: 'unchanged', code: '' }, value: totals.unchanged },
      ...[...details.dead].map(([code, value]) => ({ labels: { outcome: 'dead', code }, value })),
    ],
  },
  {
    type: 'counter',
    name: 'api_calls_total',
    help: 'Calls that set attributes or read a conversation, by result.',
    labelNames: ['result'],
    read: () => byLabel('result', details.calls),
  },
  {
    type: 'counter',
    name: 'pauses_total',
    help: '429 answers. Each one pauses all calls.',
    read: () => totals.rateLimited,
  },
  {
    type: 'gauge',
    name: 'delivery_state',
    help: '1 for the current state of delivery, 0 for the others.',
    labelNames: ['state'],
    read: () => {
      const { state } = deliveryState()
      return (['running', 'paused', 'open'] as const).map((name) => ({
        labels: { state: name },
        value: name === state ? 1 : 0,
      }))
    },
  },
  {
    type: 'gauge',
    name: 'budget_allowed_calls',
    help: 'Calls that this service may make in a rate window, as far as known.',
    read: () => budget().allowed,
  },
  {
    type: 'gauge',
    name: 'budget_remaining_calls',
    help: 'Calls left in the window.',
    read: () => budget().remaining,
  },
  {
    type: 'counter',
    name: 'limiter_rebuilds_total',
    help: 'Limiter restarts by the watchdog, after no call started despite free budget.',
    read: () => deliveryState().rebuilds,
  },
]

const rulesFamilies = ({ details: { matched, undecided }, rules }: ServiceReadings): readonly Family[] => [
  {
    type: 'gauge',
    name: 'rules_info',
    help: 'Always 1. The label is the version of the rules in force.',
    labelNames: ['version'],
    read: () => [{ labels: { version: rules().version }, value: 1 }],
  },
  {
    type: 'gauge',
    name: 'rules_loaded_timestamp_seconds',
    help: 'Time when the rules in force were loaded, in seconds since 1970.',
    read: () => rules().loadedAt / 1000,
  },
  {
    type: 'counter',
    name: 'rules_reloads_total',
    help: 'Successful reloads of changed rules.',
    read: () => rules().reloads,
  },
  {
    type: 'counter',
    name: 'rules_reload_failures_total',
    help: 'Failed reloads: the changed rules were not valid, and the last valid ones stayed in force.',
    read: () => rules().failures,
  },
  {
    type: 'counter',
    name: 'rule_matches_total',
    help: 'Evaluations of a rule that matched.',
    labelNames: ['rule'],
    read: () => byLabel('rule', matched),
  },
  {
    type: 'counter',
    name: 'rule_undecided_total',
    help: 'Evaluations of a rule that lacked data and counted as no match.',
    labelNames: ['rule'],
    read: () => byLabel('rule', undecided),
  },
]

function inboxFamilies({ stats, maxPending, now }: ServiceReadings): readonly Family[] {
  const gauge = (name: string, help: string, of: (stats: InboxStats) => number): Family => ({
    type: 'gauge',
    name,
    help,
    read: () => {
      const known = stats()
      return known === undefined ? undefined : of(known)
    },
  })
  const oldestSeconds = ({ oldestAcceptedAt }: InboxStats): number =>
    oldestAcceptedAt === undefined ? 0 : Math.max(0, now() - oldestAcceptedAt) / 1000
  return [
    gauge('inbox_pending', 'Pending events.', ({ pending }) => pending),
    gauge('inbox_in_flight', 'Claimed participants.', ({ inFlight }) => inFlight),
    gauge('inbox_dead', 'Dead letters kept.', ({ dead }) => dead),
    gauge(
      'inbox_oldest_pending_seconds',
      'Age of the oldest pending event, 0 if there is none.',
      oldestSeconds,
    ),
    {
      type: 'gauge',
      name: 'inbox_max_pending',
      help: 'Pending events at which new ones are refused.',
      read: () => maxPending,
    },
  ]
}
