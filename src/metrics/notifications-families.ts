import type { NotificationsStatus } from '../notifications/status.ts'
import { byLabel, type Family } from './families.ts'

type Reading = (status: NotificationsStatus) => number

/** What the service tells of its own websockets; all 0 if it does not listen by itself. */
export function notificationsFamilies(status: (() => NotificationsStatus) | undefined): readonly Family[] {
  const family = (type: Family['type'], name: string, help: string, of: Reading): Family => ({
    type,
    name: `notifications_${name}`,
    help,
    read: () => (status === undefined ? 0 : of(status())),
  })
  return [
    family('gauge', 'channels', 'Notification channels that should be heard.', ({ channels }) => channels),
    family('gauge', 'connected', 'Notification channels that are heard now.', ({ connected }) => connected),
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
      'Messages from the notification websockets, and participants in them, that could not be read.',
      ({ rejected }) => rejected,
    ),
    family(
      'counter',
      'reconnects_total',
      'Notification sockets that were opened again after one was lost.',
      ({ reconnects }) => reconnects,
    ),
    family(
      'counter',
      'renewals_total',
      'Notification channels that a new one took the place of, without a gap.',
      ({ renewals }) => renewals,
    ),
    family(
      'counter',
      'gap_seconds_total',
      'How long notification channels were not heard, summed over them.',
      ({ gapMs }) => gapMs / 1_000,
    ),
  ]
}

const none: NotificationsStatus['messages'] = { event: 0, heartbeat: 0, closing: 0, unreadable: 0 }
