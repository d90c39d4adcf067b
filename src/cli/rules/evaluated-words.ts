import { inWords } from '../../enrich/trace-words.ts'
import type { Evaluated, SetAttribute } from './evaluated.ts'
import { eventInWords } from './event-words.ts'
import { quoted } from './words.ts'

/** What became of an event, line by line. */
export function evaluatedInWords(event: Evaluated): readonly string[] {
  const { conversationId, mapping, listened, rules, sets, needs } = event
  const title = `${eventInWords(event)}${mapping === undefined ? '' : `, read by mapping ${quoted(mapping)}`}`
  if (!listened) return [title, '  No rule listens to it: the service would answer "ignored".']
  return [
    title,
    ...rules.flatMap((rule) => inWords(rule, event)).map((line) => `  ${line}`),
    ...needs.map((need) =>
      need.kind === 'conversation'
        ? `  Would be read from Genesys Cloud: conversation ${conversationId}. Say who takes part in it with --participants.`
        : `  Would be asked: lookup ${quoted(need.table)} for ${quoted(need.key)}.`,
    ),
    ...(needs.length > 0 ? ['  Nothing is set before that.'] : setsInWords(sets)),
  ]
}

function setsInWords(sets: readonly SetAttribute[]): readonly string[] {
  if (sets.length === 0) return ['  Sets nothing.']
  const participants = new Set(sets.map(({ participantId }) => participantId))
  return [...participants].flatMap((participantId) => [
    participantId === ''
      ? '  Would set, but the event names no participant:'
      : `  Sets on participant ${participantId}:`,
    ...sets
      .filter((set) => set.participantId === participantId)
      .map(({ attribute, value, rule, overruled }) => {
        const over = overruled.length === 0 ? '' : `, over ${overruled.map(quoted).join(', ')}`
        return `    ${attribute} = ${quoted(value)} (rule ${quoted(rule)}${over})`
      }),
  ])
}
