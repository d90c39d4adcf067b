import { failureInWords } from '../cel/expression-failure.ts'
import type { ConversationEvent } from '../event.ts'
import type { CandidateTrace, RuleTrace } from './trace.ts'

/** What became of one rule, in a sentence for its author. If it chose a participant, those it looked at follow, one a line. */
export function inWords(
  trace: RuleTrace,
  event: Pick<ConversationEvent, 'type' | 'topic'>,
): readonly string[] {
  return [
    `rule ${JSON.stringify(trace.rule)}: ${resultInWords(trace, event)}`,
    ...(hasChosen(trace) ? (trace.candidates ?? []) : []).map(
      (candidate) => `  participant ${candidateInWords(candidate)}`,
    ),
  ]
}

const hasChosen = ({ result }: RuleTrace): boolean => result === 'matched' || result === 'blocked'

function resultInWords(
  { result, because, code, needs = [], sets = [], participantId }: RuleTrace,
  { type, topic }: Pick<ConversationEvent, 'type' | 'topic'>,
): string {
  switch (result) {
    case 'matched':
      return `matched, sets ${sets.join(', ')}${participantId === undefined ? '' : ` on ${participantId}`}`
    case 'unmatched':
      return because === undefined ? 'not matched' : `not matched, since ${untrueInWords(because, code)}`
    case 'undecided':
      return because === undefined
        ? `sets nothing, since a value of it cannot be told: ${failureInWords(code ?? '')}`
        : `not matched, since ${untrueInWords(because, code)}`
    case 'needs':
      return `waits for ${[...new Set(needs)].map(needInWords).join(', ')}`
    case 'blocked':
      return code === 'participant_not_found'
        ? 'waits, since no participant fits its target'
        : 'waits, since a lookup has failed'
    case 'not_listening':
      return `not asked, since it does not listen to ${[type, ...(topic === undefined ? [] : [topic])].join(' or ')}`
  }
}

const needInWords = (need: string): string =>
  need === 'conversation' ? 'the conversation as Genesys Cloud knows it' : need

const untrueInWords = (because: string, code: string | undefined): string =>
  code === undefined
    ? `${oneLine(because)} is false`
    : `${oneLine(because)} cannot be decided: ${failureInWords(code)}`

const oneLine = (source: string): string => source.replaceAll(/\s*\n\s*/g, ' ')

const states = { connected: 'connected', ended: 'has left', not_connected: 'not connected yet' } as const

const candidateInWords = ({ id, purpose, state, fits }: CandidateTrace): string =>
  `${id} (${purpose ?? 'no purpose'}, ${states[state]}): ${fits ? 'fits' : 'does not fit'}`
