import { html } from 'htm/preact'
import { formatDuration, plural } from '../core/format.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'

/** @import { Status } from '../../answer-types.ts' */

/** Sources, rules and nodes. @param {{ current: Status }} properties */
export function Health({ current }) {
  const { notifications, sqs, rules } = current.health.checks
  return html`<section aria-label="Parts">
    <h2>Parts</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Parts of the service"><table>
      <thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Details</th></tr></thead>
      <tbody>
        <${Row} name="Notification websocket" ok=${notifications?.ok} problem=${problemOf(notifications)}>
          ${notifications ? `${notifications.connected} of ${plural(notifications.channels, 'channel')} connected, ${plural(notifications.topics, 'topic')}` : 'Not in use: NOTIFICATIONS_QUEUES and NOTIFICATIONS_TOPICS are not set.'}
        <//>
        <${Row} name="Amazon SQS" ok=${sqs?.ok} problem=${problemOf(sqs)}>
          ${sqs ? `${plural(sqs.received, 'message')} received, ${sqs.deleted} deleted, ${sqs.rejected} rejected; ${sqs.polls} polls wait` : 'Not in use: SQS_QUEUE_URL is not set.'}
        <//>
        <${Row} name="Rules" ok=${rules.ok} problem=${problemOf(rules)}>
          <a href=${linkTo('rules')}>${plural(rules.rules, 'rule')}</a>, version <code>${rules.version}</code>, loaded ${formatDuration(rules.ageSeconds * 1_000)} ago
        <//>
        ${current.status?.nodes.map(
          (node) => html`<${Row} key=${node.id} name=${`Node ${node.id}`} ...${stateOfNode(node, current)}>
            ${roles[node.role] ?? `Role ${node.role}`}. Last seen <${Time} at=${node.lastSeenAt} />
          <//>`,
        )}
      </tbody>
    </table></div>
  </section>`
}

/** @type {Readonly<Record<string, string>>} */
const roles = {
  all: 'Role: take and deliver events',
  ingest: 'Role: take events',
  deliver: 'Role: deliver events',
}

/**
 * One node delivers for an OAuth client; the others stand by.
 * @param {{ role: string, delivers: boolean }} node @param {Status} current
 * @returns {{ tone: 'good' | 'warn' | 'bad' | 'calm', words: string }}
 */
function stateOfNode({ role, delivers }, { health, status }) {
  const { state, ok, code } = health.checks.delivery
  if (role === 'ingest') return { tone: 'good', words: 'takes events' }
  if (!delivers)
    return { tone: 'calm', words: (status?.nodes.length ?? 1) > 1 ? 'stands by' : 'does not deliver' }
  if (code === 'paused_by_operator') return { tone: 'warn', words: 'paused' }
  if (state === 'open') return { tone: 'bad', words: 'cannot deliver' }
  if (state === 'paused') return { tone: 'warn', words: 'waits' }
  return ok ? { tone: 'good', words: 'delivers' } : { tone: 'warn', words: 'calls fail' }
}

/**
 * @param {{ name: string, ok?: boolean | undefined, tone?: string, words?: string, problem?: string | undefined,
 *   children: import('preact').ComponentChildren }} properties `ok` is undefined: not in use, unless there are tone and words.
 */
const Row = ({ name, ok, tone, words, problem, children }) => html`<tr>
  <th scope="row">${name}</th>
  <td data-label="State"><span class=${`badge ${tone ?? (ok === undefined ? 'calm' : ok ? 'good' : 'bad')}`}>${words ?? (ok === undefined ? 'off' : ok ? 'ok' : 'problem')}</span></td>
  <td data-label="Details">${children}${problem && html`<div class="reason"><bdi>${problem}</bdi></div>`}</td>
</tr>`

/** @param {{ reason?: string | undefined, cause?: string | undefined, remedy?: string | undefined } | undefined} check */
function problemOf(check) {
  if (check?.reason === undefined) return undefined
  return [check.reason, check.cause && `(${check.cause})`, check.remedy].filter(Boolean).join('. ')
}
