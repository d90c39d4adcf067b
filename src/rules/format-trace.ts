import { failureInWords } from '../cel/expression-errors.ts'
import type { ConversationEvent } from '../event.ts'
import type { CandidateTrace, RuleTrace } from './trace.ts'

/** Describes the result of one rule for its author. A rule with a target adds one line per candidate. */
export function formatRuleTrace(
  trace: RuleTrace,
  event: Pick<ConversationEvent, 'type' | 'topic'>,
): readonly string[] {
  return [
    `rule ${JSON.stringify(trace.rule)}: ${formatResult(trace, event)}`,
    ...(showsCandidates(trace) ? (trace.candidates ?? []) : []).map(
      (candidate) => `  participant ${formatCandidate(candidate)}`,
    ),
  ]
}

const showsCandidates = ({ result }: RuleTrace): boolean => result === 'matched' || result === 'blocked'

function formatResult(
  { result, because, code, needs = [], sets = [], participantId }: RuleTrace,
  { type, topic }: Pick<ConversationEvent, 'type' | 'topic'>,
): string {
  switch (result) {
    case 'matched':
      return `matched, sets ${sets.join(', ')}${participantId === undefined ? '' : ` on ${participantId}`}`
    case 'unmatched':
      return because === undefined ? 'not matched' : `not matched: ${formatUntrue(because, code)}`
    case 'undecided':
      return because === undefined
        ? `skipped: a value failed to evaluate: ${failureInWords(code ?? '')}`
        : `not matched: ${formatUntrue(because, code)}`
    case 'needs':
      return `waits for ${[...new Set(needs)].map(formatNeed).join(', ')}`
    case 'blocked':
      return code === 'participant_not_found'
        ? 'waits: no participant matches its target'
        : 'waits: a lookup failed'
    case 'not_listening':
      return `skipped: it does not listen to ${[type, ...(topic === undefined ? [] : [topic])].join(' or ')}`
  }
}

const formatNeed = (need: string): string =>
  need === 'conversation' ? 'the conversation from Genesys Cloud' : need

const formatUntrue = (because: string, code: string | undefined): string =>
  code === undefined
    ? `${oneLine(because)} is false`
    : `${oneLine(because)} failed to evaluate: ${failureInWords(code)}`

const oneLine = (source: string): string => source.replaceAll(/\s*\n\s*/g, ' ')

const states = { connected: 'connected', ended: 'has left', not_connected: 'not connected yet' } as const

const formatCandidate = ({ id, purpose, state, fits }: CandidateTrace): string =>
  `${id} (${purpose ?? 'no purpose'}, ${states[state]}): ${fits ? 'matches' : 'does not match'}`
