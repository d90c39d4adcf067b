import { html } from 'htm/preact'
import { linkTo } from '../core/route.js'

/** @import { EventItem } from '../../answer-types.ts' */

/** The topic of an event, with the type that rules also know it by. @param {{ event: EventItem }} properties */
export const EventName = ({ event: { id, topic, type, conversationId, participantId } }) =>
  html`<a class="topic" href=${linkTo('events', { event: id })} title=${`${id}, conversation ${conversationId}${participantId ? `, participant ${participantId}` : ''}`}>${topic ?? type}</a>${topic && topic !== type && html`<div class="note">${type}</div>`}`
