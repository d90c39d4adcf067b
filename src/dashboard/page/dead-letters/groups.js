import { html } from 'htm/preact'
import { formatCount, shorten } from '../core/format.js'
import { Time } from '../parts/time.js'
import { ChangeButtons } from './change-buttons.js'

/** @import { DeadLetter } from '../../answer-types.ts' */
/** @typedef {{ key: string, code: string, rules: string, remedy: string, letters: readonly DeadLetter[], first: string, latest: DeadLetter }} Group */

/** Identifies the group of a letter. @param {DeadLetter} letter */
export const keyOf = (letter) => JSON.stringify([letter.code, letter.rules])

/** Letters by code and rules, the largest group first. @param {readonly DeadLetter[]} letters @returns {readonly Group[]} */
export function groupsOf(letters) {
  return [...Map.groupBy(letters, keyOf)]
    .flatMap(([key, same]) => {
      // A letter that failed again after a replay is not the first one of the list any more.
      const [first, ...others] = same
      if (first === undefined) return []
      const latest = others.reduce((one, other) => (other.diedAt > one.diedAt ? other : one), first)
      const firstAt = others.reduce((at, { diedAt }) => (diedAt < at ? diedAt : at), first.diedAt)
      const { code, rules, remedy } = first
      return [
        {
          key,
          code: code ?? '',
          rules: rules.join(', '),
          remedy: remedy ?? '',
          letters: same,
          first: firstAt,
          latest,
        },
      ]
    })
    .toSorted((one, other) => other.letters.length - one.letters.length)
}

/**
 * @param {{ groups: readonly Group[], current: string, onChoose: (key: string) => void,
 *   onChanged: () => void, canChange: boolean }} properties `canChange`: nothing is filtered or selected.
 */
export const Groups = ({
  groups,
  current,
  onChoose,
  onChanged,
  canChange,
}) => html`<section aria-labelledby="groups">
  <h2 id="groups">By code and rule</h2>
  <ul class="groups">
    ${groups.slice(0, maxGroups).map(
      ({
        key,
        code,
        rules,
        remedy,
        letters,
        first,
        latest,
      }) => html`<li key=${key} class=${key === current ? 'chosen' : ''}>
        <button type="button" aria-pressed=${key === current} onClick=${() => onChoose(key === current ? '' : key)}>
          <span><b>${formatCount(letters.length)}</b> <code>${code}</code></span> <span class="do">${key === current ? 'Show all' : 'Show only these'}</span>
        </button>
        <p class="note">${rules === '' ? 'No rule matched.' : html`Matched rules: <bdi>${shorten(rules, 80)}</bdi>`}</p>
        ${latest.detail && html`<p><span class="note">${answered(latest)}</span> <bdi>${shorten(latest.detail, 300)}</bdi></p>`}
        <p class="remedy"><strong>What to do:</strong> ${remedy}</p>
        <p class="note">${letters.length === 1 ? html`At <${Time} at=${first} />` : html`First <${Time} at=${first} />, latest <${Time} at=${latest.diedAt} />`}</p>
        ${canChange && html`<${ChangeButtons} letters=${letters} scope="group" onChanged=${onChanged} />`}
      </li>`,
    )}
  </ul>
  ${groups.length > maxGroups && html`<p class="note">The ${maxGroups} largest of ${formatCount(groups.length)} groups.</p>`}
</section>`

const maxGroups = 30

/** Whose text the detail is: the ids in it are those of one event. @param {DeadLetter} letter */
const answered = ({ api }) => (api === null ? 'Latest:' : 'Latest answer of Genesys Cloud:')
