import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useMemo } from 'preact/hooks'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { useLoaded } from '../core/load.js'
import { goTo, linkTo, route } from '../core/route.js'
import { Empty, Failed, Loading } from '../parts/notice.js'
import { ChangeButtons } from './change-buttons.js'
import { ChangeProgress } from './change-progress.js'
import { forgetSettled, settlements } from './changes.js'
import { Groups, groupsOf, keyOf } from './groups.js'
import { LetterTable, matches } from './letter-table.js'
import { readLetters } from './read-letters.js'

/** @import { DeadLetter } from '../../answer-types.ts' */

/** What failed, why, and what to do about it. The URL has group and filter, so that the browser's Back returns to them. */
export function DeadLetters() {
  const progress = useSignal(0)
  const { data, error, loading, reload } = useLoaded(
    (signal) =>
      readLetters(signal, (count) => {
        progress.value = count
      }),
    [settlements.value],
  )
  useEffect(forgetSettled, [])
  const { parameters } = route.value
  const group = parameters.get('group') ?? ''
  const filter = useSignal(parameters.get('filter') ?? '')
  const selected = useSignal(/** @type {ReadonlySet<string>} */ (new Set()))
  const letters = data?.letters
  const groups = useMemo(() => groupsOf(letters ?? []), [letters])
  const shown = useMemo(
    () =>
      letters?.filter(
        (letter) => (group === '' || keyOf(letter) === group) && matches(letter, filter.value),
      ) ?? [],
    [letters, group, filter.value],
  )
  const choose = (/** @type {string} */ key) => {
    selected.value = new Set()
    filter.value = ''
    goTo('dead-letters', { group: key })
  }
  const clear = () => {
    choose('')
    reload()
  }
  if (data === undefined)
    return error
      ? html`<${Failed} message=${error} onRetry=${reload} />`
      : html`<${Loading} what=${progress.value === 0 ? 'dead letters' : `dead letters: ${formatCount(progress.value)} so far`} />`
  const chosen = shown.filter(({ id }) => selected.value.has(id))
  const isSelected = selected.value.size > 0
  const isFiltered = filter.value !== ''
  const replayed = status.value?.status?.inbox.replayed ?? 0
  return html`
    ${error && html`<${Failed} message=${error} onRetry=${reload} />`}
    ${(isSelected || isFiltered) && html`<${ChangeButtons} letters=${isSelected ? chosen : shown} scope=${isSelected ? 'selected' : 'group'} hidden=${selected.value.size - chosen.length} onChanged=${clear} />`}
    <${ChangeProgress} />
    ${
      data.letters.length === 0
        ? html`<${Empty} title="No dead letters"><${NoLetters} replayed=${replayed} /><//>`
        : html`
          ${replayed > 0 && html`<p><${Replayed} count=${replayed} /></p>`}
          <p class="note">${wordsForCount(shown.length, data)}
            ${' '}<button type="button" class="quiet" onClick=${reload} aria-busy=${loading}>Refresh</button>
            ${group !== '' && html` <button type="button" class="quiet" onClick=${() => choose('')}>Show all groups</button>`}</p>
          <${Groups} groups=${groups} current=${group} onChoose=${choose} onChanged=${clear} canChange=${!isSelected && !isFiltered} />
          ${groups.length > 1 && group === '' && !isSelected && !isFiltered && html`<${ChangeButtons} letters=${data.letters} scope=${data.more ? 'group' : 'all'} onChanged=${clear} />`}
          <${LetterTable} key=${group} letters=${shown} selected=${selected} filter=${filter.value} onFilter=${(
            /** @type {string} */ text,
          ) => {
            filter.value = text
            history.replaceState(null, '', linkTo('dead-letters', { group, filter: text }))
          }} />
        `
    }
  `
}

/** @param {{ replayed: number }} properties */
const NoLetters = ({ replayed }) =>
  replayed > 0
    ? html`<${Replayed} count=${replayed} />`
    : 'Every event that the service gave up would be listed here, with the reason and what to do.'

/** Replayed events are no dead letters, but not delivered either. @param {{ count: number }} properties */
const Replayed = ({ count }) =>
  html`${plural(count, 'replayed event')} still ${count === 1 ? 'waits' : 'wait'} for delivery. <a href=${linkTo('events', { state: 'pending' })}>Show pending events</a>`

/** @param {number} shown @param {{ letters: readonly DeadLetter[], more: boolean }} data */
function wordsForCount(shown, { letters, more }) {
  const all = more
    ? `the first ${formatCount(letters.length)} of ${formatCount(status.value?.status?.inbox.dead ?? letters.length)} dead letters, oldest first`
    : plural(letters.length, 'dead letter')
  if (shown < letters.length) return `${formatCount(shown)} of ${all}.`
  return `${all[0]?.toUpperCase()}${all.slice(1)}.`
}
