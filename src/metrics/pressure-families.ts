import type { PressureStatus } from '../ingest/pressure.ts'
import { byLabel, type Family } from './families.ts'

/** Metrics of webhook load and refused requests. */
export const pressureFamilies = (status: () => PressureStatus): readonly Family[] => [
  {
    type: 'gauge',
    name: 'webhook_held_bytes',
    help: 'Memory that webhook requests in progress may use.',
    read: () => status().heldBytes,
  },
  {
    type: 'gauge',
    name: 'webhook_max_held_bytes',
    help: 'Limit of webhook_held_bytes; beyond it, requests are refused.',
    read: () => status().maxHeldBytes,
  },
  {
    type: 'counter',
    name: 'webhook_overload_refusals_total',
    help: 'Webhook requests answered 503 overloaded, by cause.',
    labelNames: ['cause'],
    read: () => byLabel('cause', new Map(Object.entries(status().refused))),
  },
]
