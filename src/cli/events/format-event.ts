import { errorCatalogue } from '../../errors.ts'
import { formatRuleTrace } from '../../rules/trace.ts'
import type { EventDetail, EventItem } from '../admin/answers.ts'
import { count, formatFields, formatTime } from '../format.ts'
import { escapeControls } from '../output.ts'

type Field = readonly [name: string, lines: readonly string[]]
type Step = EventDetail['timeline'][number]
type WouldNow = EventDetail['wouldNow']

interface ShownEvent extends EventItem {
  readonly timeline: EventDetail['timeline']
  readonly wouldNow?: WouldNow | undefined
}

/** One event: its state, what the rules decided, its timeline, and what the rules in force would do now. */
export function formatEvent(event: ShownEvent): string {
  const parts = [
    formatFields(fieldsOf(event)),
    `Timeline\n${lines(event.timeline.map((step) => formatStep(step, event)))}`,
    ...(event.wouldNow === undefined
      ? []
      : [`What the rules in force would do now\n${lines(formatRules(event.wouldNow, event))}`]),
  ]
  return parts.join('\n')
}

const lines = (texts: readonly string[]): string =>
  texts.map((text) => `  ${escapeControls(text)}\n`).join('')

function fieldsOf(event: EventItem): readonly Field[] {
  const { type, topic, conversationId, participantId, target, rules, attributeNames } = event
  const { attempts, api, mergedWith, detail, remedy, giveUpAt } = event
  const isOther = target !== null && target.participantId !== participantId
  return [
    ['Event', [event.id]],
    ['State', [formatState(event)]],
    ...field('Detail', detail),
    ...field('What to do', remedy),
    ['Type', [topic === null ? type : `${type}, ${topic}`]],
    ['Conversation', [conversationId]],
    ['Participant', [participantId ?? 'none in the event']],
    ...field('Set on', isOther ? `participant ${target.participantId}` : null),
    ['Rules', [rules.length > 0 ? rules.join(', ') : withoutRules(event)]],
    ['Attributes', [attributeNames.length === 0 ? 'none' : attributeNames.join(', ')]],
    ['Attempts', [count(attempts, 'call')]],
    ...field('Gives up at', giveUpAt === null ? null : `${formatTime(giveUpAt)}, if not delivered before`),
    ...field('Last answer', api === null ? null : formatApi(api)),
    ...(mergedWith.length === 0 ? [] : [['Merged with', mergedWith] as const]),
  ]
}

const formatState = ({ state, code, reason }: EventItem): string => {
  if (reason !== null) return `${state}: ${unchangedReasons[reason]}`
  return code === null ? state : `${state}: ${code}`
}

const unchangedReasons: Readonly<Record<NonNullable<EventItem['reason']>, string>> = {
  no_rule_matched: 'no rule matched',
  rule_undecided: 'no rule matched, because the event lacks data that a rule reads',
  known_values: 'the participant is known to have these values already',
  later_event: 'a later event decided other values',
  dry_run: 'the dry run sets no attributes',
}

const withoutRules = ({ state, attempts }: EventItem): string => {
  if (state !== 'pending') return 'none matched'
  return attempts === 0 ? 'not decided yet' : 'the next attempt decides them'
}

const field = (name: string, value: string | null): readonly Field[] =>
  value === null ? [] : [[name, [value]]]

const formatApi = ({ status, correlationId }: NonNullable<EventItem['api']>): string =>
  [status ?? 'none', ...(correlationId === null ? [] : [`correlation id ${correlationId}`])].join(', ')

const steps: Readonly<Record<Step['what'], string>> = {
  accepted: 'accepted',
  replayed: 'replayed by an operator',
  attempt_failed: 'attempt failed',
  next_attempt: 'next attempt',
  applied: 'applied: the attributes are set',
  unchanged: 'unchanged: nothing to set',
  dead: 'given up: dead letter',
}

const formatStep = ({ at, what, code }: Step, { reason }: EventItem): string => {
  const step =
    what === 'unchanged' && reason !== null ? `unchanged: ${unchangedReasons[reason]}` : steps[what]
  return `${formatTime(at)}  ${step}${code === undefined ? '' : ` (${what === 'replayed' ? 'dead letter before: ' : ''}${code})`}`
}

function formatRules({ trace }: WouldNow, { type, topic }: EventItem): readonly string[] {
  if (trace.rules.length === 0) return ['there are no rules']
  const isUndecided = trace.rules.some(({ result }) => result === 'undecided')
  return [
    ...trace.rules.flatMap((rule) => formatRuleTrace(rule, { type, ...(topic !== null && { topic }) })),
    ...(isUndecided ? [`Undecided: ${errorCatalogue.rule_undecided.remedy}`] : []),
  ]
}
