import { html } from 'htm/preact'
import { formatExactTime, formatTime, formatUtc } from '../core/format.js'

/** A time in the zone of the reader; UTC on hover. @param {{ at: string | null | undefined, exact?: boolean }} properties `exact`: with milliseconds. */
export const Time = ({ at, exact = false }) =>
  at
    ? html`<time datetime=${at} title=${formatUtc(at)}>${(exact ? formatExactTime : formatTime)(at)}</time>`
    : html`<span>–</span>`
