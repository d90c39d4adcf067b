/** @import { EventItem } from '../../answer-types.ts' */

/** Whether the attributes of an event were set. @param {Pick<EventItem, 'state' | 'reason'>} event */
export function attributesLabel({ state, reason }) {
  if (state === 'applied') return 'Set'
  if (state === 'pending' || reason === 'dry_run') return 'Would set'
  return reason === 'known_values' ? 'Already had these values' : 'Not set'
}
