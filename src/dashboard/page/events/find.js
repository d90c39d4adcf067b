import { ApiError, get } from '../core/api.js'
import { ageStart } from './age.js'
import { summaryOf } from './summary.js'

/** @import { EventDetail, EventItem, EventPage } from '../../answer-types.ts' */

/** @typedef {{ items: readonly EventItem[], explanation: string, summary?: string, query: Readonly<Record<string, string>>, cursor: number | null }} Found */

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
/** Most events to put in order or to count; the service lists the newest first. */
const maxRead = 2_000
export const newest = 500
/** Shorter parts of an id fit too many events. */
export const minPart = 4

/**
 * Finds events by any of their ids: event, conversation, then participant, which takes longest. The service finds only whole ids, so
 * a part of an id is searched in the newest events.
 * @param {string} entered @param {string} state @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function find(entered, state, signal) {
  if (entered === '' && state === 'pending') return oldestPending(signal)
  if (entered === '') return page({ state }, 'The newest events first.', signal)
  const search = uuid.test(entered) ? entered.toLowerCase() : entered
  const event = await eventWith(search, signal)
  if (event !== undefined && (state === '' || event.state === state))
    return { items: [event], explanation: 'The event with this id.', query: {}, cursor: null }
  const ofConversation = await eventsOf(search, state, signal)
  if (ofConversation.items.length > 0) return ofConversation
  const ofParticipant = await page(
    { participantId: search, state },
    'Events of this participant, newest first.',
    signal,
  )
  if (ofParticipant.items.length > 0)
    return state === ''
      ? { ...ofParticipant, summary: summaryOf(ofParticipant.items, ofParticipant.cursor !== null) }
      : ofParticipant
  return withPart(search.toLowerCase(), state, signal)
}

/** @param {AbortSignal} signal @returns {Promise<Found>} */
async function oldestPending(signal) {
  const { items, cursor } = await newestOf({ state: 'pending' }, signal)
  const order =
    cursor === null
      ? 'Pending events, the longest wait first.'
      : `The ${maxRead} newest pending events, the longest wait first. Older ones wait too: see the oldest under Now.`
  const isReplayed = items.some(({ replayedAt }) => replayedAt !== null)
  const explanation = `${order}${isReplayed ? ' The wait of a replayed event counts from its replay.' : ''}`
  const longestFirst = items
    .toReversed()
    .toSorted((one, other) => Date.parse(ageStart(one)) - Date.parse(ageStart(other)))
  return { items: longestFirst, explanation, query: {}, cursor: null }
}

/** @param {string} conversationId @param {string} state @param {AbortSignal} signal @returns {Promise<Found>} */
async function eventsOf(conversationId, state, signal) {
  const query = { conversationId, state }
  const { items, cursor } = await newestOf(query, signal)
  return {
    items,
    explanation: 'Events of this conversation, newest first.',
    ...(state === '' && { summary: summaryOf(items, cursor !== null) }),
    query,
    cursor,
  }
}

/** At most `maxRead` events. @param {Readonly<Record<string, string>>} query @param {AbortSignal} signal */
async function newestOf(query, signal) {
  /** @type {EventItem[]} */
  const items = []
  /** @type {number | null} */
  let cursor = null
  do {
    /** @type {EventPage} */
    const next = await events({ ...query, limit: newest, cursor: cursor ?? undefined }, signal)
    items.push(...next.items)
    cursor = next.nextCursor
  } while (cursor !== null && items.length < maxRead)
  return { items, cursor }
}

/** @param {string} part in lower case @param {string} state @param {AbortSignal} signal @returns {Promise<Found>} */
async function withPart(part, state, signal) {
  const query = { state, limit: newest }
  const { items } = part.length < minPart ? { items: [] } : await events(query, signal)
  const fitting = items.filter(({ id, conversationId, participantId }) =>
    [id, conversationId, participantId].some((one) => one?.toLowerCase().includes(part)),
  )
  const explanation = `No id is exactly this one. Of the ${newest} newest events, these have it as a part of an id.`
  return { items: fitting, explanation, query: {}, cursor: null }
}

/** @param {Readonly<Record<string, string | number | undefined>>} query @param {AbortSignal} [signal] @returns {Promise<EventPage>} */
const events = (query, signal) => get('admin/events', { query, ...(signal && { signal }) })

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
    const { items, nextCursor } = await events({ ...query, limit: 50, cursor: cursor ?? undefined }, signal)
    if (items.length > 0 || nextCursor === null || pages >= maxEmptyPages)
      return { items, explanation, query, cursor: nextCursor }
    cursor = nextCursor
  }
}
