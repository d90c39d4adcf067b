import { html } from 'htm/preact'
import { get } from '../core/api.js'
import { status } from '../core/live.js'
import { useLoaded } from '../core/load.js'
import { Failed, Loading } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { Playground } from './playground.js'
import { RuleTable } from './rule-table.js'

/** @import { RulesAnswer } from '../../answer-types.ts' */

/** The rules in force, and a place to try others. */
export function Rules() {
  const version = status.value?.health.checks.rules.version
  const { data, error, reload } = useLoaded(
    (signal) => /** @type {Promise<RulesAnswer>} */ (get('admin/rules', { signal })),
    [version],
  )
  if (data === undefined)
    return error
      ? html`<${Failed} message=${error} onRetry=${reload} />`
      : html`<${Loading} what="the rules" />`
  return html`
    <p>Version <code>${data.version}</code>, loaded <${Time} at=${data.loadedAt} />. <button type="button" class="quiet" onClick=${reload}>Refresh</button></p>
    ${data.stale && html`<div class="notice bad" role="alert">The rules file has changed and is not valid, so the rules below stay in force. The log line <code>rules not replaced</code> names line and mistake; <code>genesys-enricher rules check</code> shows them too.</div>`}
    <${RuleTable} rules=${data.rules} />
    <${Playground} text=${data.text} tables=${data.tables} />
  `
}
