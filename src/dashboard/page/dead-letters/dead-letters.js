import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useMemo } from 'preact/hooks'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { useLoaded } from '../core/load.js'
import { Empty, Failed, Loading } from '../parts/notice.js'
import { Change } from './change.js'
import { Groups, groupsOf, keyOf } from './groups.js'
import { LetterTable } from './letter-table.js'
import { readLetters } from './read-letters.js'

/** What failed, why, and what to do about it. */
export function DeadLetters() {
  const progress = useSignal(0)
  const { data, error, loading, reload } = useLoaded(
    (signal) =>
      readLetters(signal, (count) => {
        progress.value = count
      }),
    [],
  )
  const group = useSignal('')
  const selected = useSignal(/** @type {ReadonlySet<string>} */ (new Set()))
  const letters = data?.letters
  const shown = useMemo(
    () => letters?.filter((letter) => group.value === '' || keyOf(letter) === group.value) ?? [],
    [letters, group.value],
  )
  const groups = useMemo(() => groupsOf(letters ?? []), [letters])
  const clear = () => {
    group.value = ''
    selected.value = new Set()
    reload()
  }
  if (data === undefined)
    return error
      ? html`<${Failed} message=${error} onRetry=${reload} />`
      : html`<${Loading} what=${progress.value === 0 ? 'dead letters' : `dead letters: ${formatCount(progress.value)} so far`} />`
  const chosen = shown.filter(({ id }) => selected.value.has(id))
  return html`
    ${error && html`<${Failed} message=${error} onRetry=${reload} />`}
    <${Change} letters=${chosen.length > 0 ? chosen : shown} scope=${scopeOf(chosen.length, group.value, data.more)} onChanged=${clear} />
    ${
      data.letters.length === 0
        ? html`<${Empty} title="No dead letters">Every event that the service gave up would be listed here, with the reason and what to do. Now there is none.<//>`
        : html`
          <p class="note">${data.more ? `The first ${formatCount(data.letters.length)} of ${formatCount(status.value?.status?.inbox.dead ?? data.letters.length)} dead letters, oldest first.` : `${plural(data.letters.length, 'dead letter')}.`}
            ${' '}<button type="button" class="quiet" onClick=${reload} aria-busy=${loading}>Refresh</button></p>
          <${Groups} groups=${groups} current=${group.value} onChoose=${(/** @type {string} */ key) => {
            group.value = key
            selected.value = new Set()
          }} />
          <${LetterTable} key=${group.value} letters=${shown} selected=${selected} />
        `
    }
  `
}

/** @param {number} chosen @param {string} group @param {boolean} more @returns {'selected' | 'group' | 'all'} */
const scopeOf = (chosen, group, more) => (chosen > 0 ? 'selected' : group !== '' || more ? 'group' : 'all')
