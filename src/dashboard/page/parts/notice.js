import { html } from 'htm/preact'

/** @typedef {import('preact').ComponentChildren} Content */

/** A list that has no entries: what this means, and what to do. @param {{ title: string, children?: Content }} properties */
export const Empty = ({ title, children }) =>
  html`<div class="empty"><p class="title">${title}</p><div>${children}</div></div>`

/** @param {{ message: string, onRetry?: () => void }} properties */
export const Failed = ({ message, onRetry }) =>
  html`<div class="notice bad" role="alert">
    <p>${message}</p>
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}
  </div>`

/** @param {{ tone: 'good' | 'warn' | 'bad' | 'calm', children: Content }} properties */
export const Notice = ({ tone, children }) =>
  html`<div class=${`notice ${tone}`} role="status">${children}</div>`

/** Keeps its place while data loads. @param {{ what: string }} properties */
export const Loading = ({ what }) => html`<p class="loading" role="status">Loading ${what}…</p>`
