import type { PressureStatus } from '../ingest/pressure.ts'
import { byLabel, type Family } from './families.ts'

/** How much senders ask at once, and what of it was refused. */
export const pressureFamilies = (status: () => PressureStatus): readonly Family[] => [
  {
    type: 'gauge',
    name: 'webhook_held_bytes',
    help: 'Of webhook requests under way: what they may take in memory.',
    read: () => status().heldBytes,
  },
  {
    type: 'gauge',
    name: 'webhook_max_held_bytes',
    help: 'Bytes under way from which on webhook requests are refused.',
    read: () => status().maxHeldBytes,
  },
  {
    type: 'counter',
    name: 'webhook_overload_refusals_total',
    help: 'Webhook requests that were refused since too much was sent at once, by cause.',
    labelNames: ['cause'],
    read: () => byLabel('cause', new Map(Object.entries(status().refused))),
  },
]
