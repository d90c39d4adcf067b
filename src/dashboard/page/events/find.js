import { ApiError, get } from '../core/api.js'

/** @import { EventDetail, EventItem, EventPage } from '../../answer-types.ts' */

/** @typedef {{ items: readonly EventItem[], explanation: string, query: Readonly<Record<string, string>>, cursor: number | null }} Found */

/**
 * Finds events by any of their ids: event, conversation, then participant, which takes longest.
 * @param {string} search @param {string} state @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function find(search, state, signal) {
  if (search === '') return page({ state }, 'The newest events first.', signal)
  const event = await eventWith(search, signal)
  if (event !== undefined && (state === '' || event.state === state))
    return { items: [event], explanation: 'The event with this id.', query: {}, cursor: null }
  const ofConversation = await page(
    { conversationId: search, state },
    'Events of this conversation, newest first.',
    signal,
  )
  if (ofConversation.items.length > 0) return ofConversation
  return page({ participantId: search, state }, 'Events of this participant, newest first.', signal)
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<EventDetail | undefined>} */
async function eventWith(id, signal) {
  try {
    return await get(`admin/events/${encodeURIComponent(id)}`, { signal })
  } catch (error) {
    if (
      error instanceof ApiError &&
      ['event_not_found', 'route_not_found', 'invalid_request'].includes(error.code)
    )
      return undefined
    throw error
  }
}

/** A page may be empty although more follow: the service reads a limited number of rows for each. */
const maxEmptyPages = 20

/**
 * @param {Readonly<Record<string, string>>} query @param {string} explanation @param {AbortSignal} [signal] @param {number} [after]
 * @returns {Promise<Found>}
 */
export async function page(query, explanation, signal, after) {
  /** @type {number | null | undefined} */
  let cursor = after
  for (let pages = 0; ; pages += 1) {
    /** @type {EventPage} */
    const { items, nextCursor } = await get('admin/events', {
      query: { ...query, limit: 50, cursor: cursor ?? undefined },
      ...(signal && { signal }),
    })
    if (items.length > 0 || nextCursor === null || pages >= maxEmptyPages)
      return { items, explanation, query, cursor: nextCursor }
    cursor = nextCursor
  }
}
