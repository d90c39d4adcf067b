import type { NotificationsStatus } from '../notifications/status.ts'
import { byLabel, type Family } from './families.ts'

type Reading = (status: NotificationsStatus) => number

/** Metrics of the notification websockets; all 0 if the service opens none. */
export function notificationsFamilies(status: (() => NotificationsStatus) | undefined): readonly Family[] {
  const family = (type: Family['type'], name: string, help: string, of: Reading): Family => ({
    type,
    name: `notifications_${name}`,
    help,
    read: () => (status === undefined ? 0 : of(status())),
  })
  return [
    family('gauge', 'channels', 'Notification channels needed.', ({ channels }) => channels),
    family('gauge', 'connected', 'Notification channels connected.', ({ connected }) => connected),
    {
      type: 'counter',
      name: 'notifications_messages_total',
      help: 'Messages from the notification websockets, by kind.',
      labelNames: ['kind'],
      read: () => byLabel('kind', new Map(Object.entries(status?.().messages ?? none))),
    },
    family(
      'counter',
      'rejected_total',
      'Messages from the notification websockets, and participants of snapshots in them, that could not be read.',
      ({ rejected }) => rejected,
    ),
    family(
      'counter',
      'reconnects_total',
      'Reconnects after a lost notification socket.',
      ({ reconnects }) => reconnects,
    ),
    family(
      'counter',
      'renewals_total',
      'Notification channels replaced by a new one without a gap.',
      ({ renewals }) => renewals,
    ),
    family(
      'counter',
      'gap_seconds_total',
      'Time without a notification connection, summed over the channels.',
      ({ gapMs }) => gapMs / 1_000,
    ),
  ]
}

const none: NotificationsStatus['messages'] = { event: 0, heartbeat: 0, closing: 0, unreadable: 0 }
