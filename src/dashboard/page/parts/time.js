import { html } from 'htm/preact'
import { formatTime, formatUtc } from '../core/format.js'

/** A time in the zone of the reader; UTC on hover. @param {{ at: string | null | undefined }} properties */
export const Time = ({ at }) =>
  at ? html`<time datetime=${at} title=${formatUtc(at)}>${formatTime(at)}</time>` : html`<span>–</span>`
