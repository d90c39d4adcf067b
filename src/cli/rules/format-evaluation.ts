import { formatRuleTrace } from '../../rules/trace.ts'
import type { Evaluation, SetAttribute } from './evaluation.ts'
import { formatEvent, quoted } from './format.ts'

/** The output of `rules eval` for one event, line by line. */
export function formatEvaluation(event: Evaluation): readonly string[] {
  const { conversationId, mapping, listened, rules, sets, needs } = event
  const title = `${formatEvent(event)}${mapping === undefined ? '' : `, read by mapping ${quoted(mapping)}`}`
  if (!listened) return [title, '  No rule listens to it: the service would answer "ignored".']
  return [
    title,
    ...rules.flatMap((rule) => formatRuleTrace(rule, event)).map((line) => `  ${line}`),
    ...needs.map((need) =>
      need.kind === 'conversation'
        ? `  The service would read conversation ${conversationId} from Genesys Cloud. Pass its participants with --participants.`
        : `  The service would look up ${quoted(need.key)} in ${quoted(need.table)}.`,
    ),
    ...(needs.length > 0 ? ['  Nothing is set until then.'] : formatSets(sets)),
  ]
}

function formatSets(sets: readonly SetAttribute[]): readonly string[] {
  if (sets.length === 0) return ['  Sets nothing.']
  const participants = new Set(sets.map(({ participantId }) => participantId))
  return [...participants].flatMap((participantId) => [
    participantId === ''
      ? '  Would set, but the event has no participant id:'
      : `  Sets on participant ${participantId}:`,
    ...sets
      .filter((set) => set.participantId === participantId)
      .map(({ attribute, value, rule, overruled }) => {
        const over = overruled.length === 0 ? '' : `, overrides ${overruled.map(quoted).join(', ')}`
        return `    ${attribute} = ${quoted(value)} (rule ${quoted(rule)}${over})`
      }),
  ])
}
