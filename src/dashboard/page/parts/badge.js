import { html } from 'htm/preact'

/** @type {Readonly<Record<string, string>>} */
const tones = {
  applied: 'good',
  unchanged: 'calm',
  pending: 'warn',
  dead: 'bad',
  matched: 'good',
  unmatched: 'calm',
  not_listening: 'calm',
  undecided: 'warn',
  needs: 'warn',
  blocked: 'bad',
}

/** A state as a word with a colour. @param {{ state: string, words?: string }} properties */
export const Badge = ({ state, words = state.replaceAll('_', ' ') }) =>
  html`<span class=${`badge ${tones[state] ?? 'calm'}`}>${words}</span>`
