import { version } from '../config/version.ts'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import { type InboxStats, oldestAgeStart } from '../inbox/inbox.ts'
import type { OddFieldCount } from '../ingest/envelopes/odd-fields.ts'
import type { PressureStatus } from '../ingest/pressure.ts'
import type { LookupFailureCount } from '../lookups/lookup-failures.ts'
import type { NotificationsStatus } from '../notifications/status.ts'
import type { RulesStatus } from '../rules/rules-in-force.ts'
import type { QueueStatus } from '../sqs/status.ts'
import { byLabel, counter, type Family, gauge } from './families.ts'
import { type NodeReadings, nodeFamilies } from './node-families.ts'
import { queueFamilies } from './queue-families.ts'
import type { Counts, Details, Totals } from './totals.ts'

export interface ServiceReadings extends NodeReadings {
  readonly totals: Readonly<Totals>
  readonly details: Details
  /** The inbox statistics of this scrape; undefined if the inbox could not be read. */
  readonly stats: () => InboxStats | undefined
  readonly maxPending: number
  readonly deliveryState: () => DeliveryState
  readonly rules: () => RulesStatus
  /** Of the rules in force. */
  readonly ruleNames: () => readonly string[]
  readonly lookupFailures: () => readonly LookupFailureCount[]
  /** Absent if the service opens no notification websockets. */
  readonly notifications?: (() => NotificationsStatus) | undefined
  /** Absent if the service takes no events from Amazon SQS. */
  readonly sqs?: (() => QueueStatus) | undefined
  readonly pressure: () => PressureStatus
  /** Requests whose credential could not be verified, by scheme. */
  readonly keysUnavailable: () => Readonly<Record<string, number>>
  readonly oddFields: () => readonly OddFieldCount[]
  readonly budget: () => { readonly allowed: number; readonly remaining: number }
  /** Epoch ms, from the clock that also sets `acceptedAt`. */
  readonly now: () => number
}

/** All metrics except histograms, without the name prefix. */
export const serviceFamilies = (readings: ServiceReadings): readonly Family[] => [
  ...ingestFamilies(readings),
  ...notificationsFamilies(readings),
  ...queueFamilies(readings.sqs),
  ...deliveryFamilies(readings),
  ...rulesFamilies(readings),
  ...inboxFamilies(readings),
  ...nodeFamilies(readings),
  gauge('build_info', 'Always 1. The labels are the versions of the service and of Node.js.', {
    labelNames: ['version', 'node'],
    read: () => [[[version, process.versions.node], 1]],
  }),
]

const ingestFamilies = ({
  totals,
  details,
  oddFields,
  pressure,
  keysUnavailable,
}: ServiceReadings): readonly Family[] => [
  counter(
    'webhook_requests_total',
    'Answered webhook requests, by HTTP status.',
    byLabel('status', () => details.requests),
  ),
  counter(
    'webhook_auth_total',
    'Authenticated webhook requests, by scheme and by position of the credential in its list.',
    {
      labelNames: ['scheme', 'position'],
      read: () => [...details.credentials].map(([credential, uses]) => [credential.split(' '), uses]),
    },
  ),
  counter(
    'webhook_keys_unavailable_total',
    'Webhook requests answered 503, because a key that verifies their credential could not be fetched, by scheme.',
    byLabel('scheme', () => Object.entries(keysUnavailable())),
  ),
  counter(
    'events_received_total',
    'Received events, by the result in the answer.',
    byLabel('result', () => [
      ['accepted', totals.accepted],
      ['duplicate', totals.duplicates],
      ['ignored', totals.ignored],
      ['rejected', totals.rejected],
    ]),
  ),
  counter(
    'ingest_carriers_total',
    'Messages taken out of carriers, by carrier.',
    byLabel('carrier', () => details.carriers),
  ),
  counter(
    'sns_confirmations_total',
    'Subscriptions that Amazon SNS asked to confirm, by result.',
    byLabel('result', () => details.snsConfirmations),
  ),
  counter(
    'odd_fields_total',
    'Fields of accepted events with an unexpected type or form, by envelope and field.',
    {
      labelNames: ['envelope', 'field'],
      read: () => oddFields().map(({ envelope, field, count }) => [[envelope, field], count]),
    },
  ),
  gauge(
    'webhook_held_bytes',
    'Memory that webhook requests in progress may use.',
    () => pressure().heldBytes,
  ),
  gauge(
    'webhook_max_held_bytes',
    'Limit of webhook_held_bytes; beyond it, requests are refused.',
    () => pressure().maxHeldBytes,
  ),
  counter(
    'webhook_overload_refusals_total',
    'Webhook requests answered 503 overloaded, by cause.',
    byLabel('cause', () => Object.entries(pressure().refused)),
  ),
]

const noMessages: NotificationsStatus['messages'] = { event: 0, heartbeat: 0, closing: 0, unreadable: 0 }

/** All 0 if the service opens no notification websockets. */
const notificationsFamilies = ({ notifications: status }: ServiceReadings): readonly Family[] => [
  gauge('notifications_channels', 'Notification channels needed.', () => status?.().channels ?? 0),
  gauge('notifications_connected', 'Notification channels connected.', () => status?.().connected ?? 0),
  counter(
    'notifications_messages_total',
    'Messages from the notification websockets, by kind.',
    byLabel('kind', () => Object.entries(status?.().messages ?? noMessages)),
  ),
  counter(
    'notifications_rejected_total',
    'Messages from the notification websockets, and participants of snapshots in them, that could not be read.',
    () => status?.().rejected ?? 0,
  ),
  counter(
    'notifications_reconnects_total',
    'Reconnects after a lost notification socket.',
    () => status?.().reconnects ?? 0,
  ),
  counter(
    'notifications_renewals_total',
    'Notification channels replaced by a new one without a gap.',
    () => status?.().renewals ?? 0,
  ),
  counter(
    'notifications_gap_seconds_total',
    'Time without a notification connection, summed over the channels.',
    () => (status?.().gapMs ?? 0) / 1_000,
  ),
]

const deliveryFamilies = ({ totals, details, deliveryState, budget }: ServiceReadings): readonly Family[] => [
  counter('events_settled_total', 'Settled events by outcome, dead letters also by code.', {
    labelNames: ['outcome', 'code'],
    read: () => [
      [['applied', ''], totals.applied],
      [['unchanged', ''], totals.unchanged],
      ...[...details.dead].map(([code, events]) => [['dead', code], events] as const),
    ],
  }),
  counter(
    'api_calls_total',
    'Calls that set attributes or read a conversation, by result.',
    byLabel('result', () => details.calls),
  ),
  counter('pauses_total', '429 answers. Each one pauses all calls.', () => totals.rateLimited),
  gauge(
    'delivery_state',
    '1 for the current state of delivery, 0 for the others.',
    byLabel('state', () => {
      const { state } = deliveryState()
      return ['running', 'paused', 'open'].map((name) => [name, name === state ? 1 : 0])
    }),
  ),
  gauge('delivery_paused_by_operator', '1 while an operator has paused delivery, else 0.', () =>
    deliveryState().operatorPause === undefined ? 0 : 1,
  ),
  gauge(
    'budget_allowed_calls',
    'Calls that this service may make in a rate window, as far as known.',
    () => budget().allowed,
  ),
  gauge('budget_remaining_calls', 'Calls left in the window.', () => budget().remaining),
  counter(
    'limiter_rebuilds_total',
    'Limiter restarts by the watchdog, after no call started despite free budget.',
    () => deliveryState().rebuilds,
  ),
]

const rulesFamilies = ({ details, rules, ruleNames, lookupFailures }: ServiceReadings): readonly Family[] => [
  gauge(
    'rules_info',
    'Always 1. The label is the version of the rules in force.',
    byLabel('version', () => [[rules().version, 1]]),
  ),
  gauge(
    'rules_loaded_timestamp_seconds',
    'Time when the rules in force were loaded, in seconds since 1970.',
    () => rules().loadedAt / 1000,
  ),
  counter('rules_reloads_total', 'Successful reloads of changed rules.', () => rules().reloads),
  counter(
    'rules_reload_failures_total',
    'Failed reloads: the changed rules were not valid, and the last valid ones stayed in force.',
    () => rules().failures,
  ),
  gauge(
    'rules_file_invalid',
    '1 while the rules file or a table is not valid and the last valid rules stay in force; else 0.',
    () => (rules().stale ? 1 : 0),
  ),
  counter(
    'rule_matches_total',
    'Evaluations of a rule that matched.',
    byLabel('rule', () => fromZero(ruleNames(), details.matched)),
  ),
  counter(
    'rule_undecided_total',
    'Evaluations of a rule that lacked data and counted as no match.',
    byLabel('rule', () => fromZero(ruleNames(), details.undecided)),
  ),
  counter('lookup_failures_total', 'Failed HTTP lookups, by table and cause.', {
    labelNames: ['table', 'cause'],
    read: () => lookupFailures().map(({ table, cause, count }) => [[table, cause], count]),
  }),
]

/** Rules in force that were not counted yet are 0, so that the first count shows as an increase. */
const fromZero = (names: readonly string[], counts: Counts<string>): Counts<string> =>
  new Map([...names.map((name) => [name, 0] as const), ...counts])

const inboxFamilies = ({ stats, maxPending, now }: ServiceReadings): readonly Family[] => [
  gauge('inbox_pending', 'Pending events.', () => stats()?.pending),
  gauge('inbox_in_flight', 'Claimed participants.', () => stats()?.inFlight),
  gauge('inbox_dead', 'Dead letters kept.', () => stats()?.dead),
  gauge('inbox_oldest_pending_seconds', 'Age of the oldest pending event, 0 if there is none.', () => {
    const known = stats()
    const at = now()
    return known && Math.max(0, at - (oldestAgeStart(known) ?? at)) / 1000
  }),
  gauge('inbox_max_pending', 'Pending events at which new ones are refused.', () => maxPending),
]
