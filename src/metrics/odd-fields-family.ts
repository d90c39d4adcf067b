import type { OddFieldCount } from '../ingest/envelopes/odd-fields.ts'
import type { Family } from './families.ts'

export const oddFieldsFamily = (counts: () => readonly OddFieldCount[]): Family => ({
  type: 'counter',
  name: 'odd_fields_total',
  help: 'Fields of accepted events with an unexpected type or form, by envelope and field.',
  labelNames: ['envelope', 'field'],
  read: () => counts().map(({ envelope, field, count }) => ({ labels: { envelope, field }, value: count })),
})
