import { all, any, type BenchRule, equals, startsWith } from './rule.ts'
import { hotlines, languages, phones, queues, tiers, users } from './values.ts'

type Body = Pick<BenchRule, 'when' | 'set'>

/** Ten rules for the start of a customer; they vary with `n`. */
const forCallers = (n: number): readonly Body[] => [
  { when: equals('participant.purpose', 'customer'), set: { source: `list ${n}` } },
  {
    when: all(equals('participant.purpose', 'customer'), startsWith('participant.address', 'tel:+1317')),
    set: { region: 'indianapolis' },
  },
  {
    when: any(equals('participant.address', phones(n)), equals('participant.address', phones(n + 5))),
    set: { vip_status: 'true', support_tier: 'platinum' },
  },
  {
    when: all(equals('event.mediaType', 'voice'), equals('event.direction', 'inbound')),
    set: { channel: 'phone' },
  },
  {
    when: any(equals('event.mediaType', 'chat'), equals('event.mediaType', 'message')),
    set: { channel: 'digital' },
  },
  {
    when: any(startsWith('participant.address', 'tel:+49'), startsWith('participant.address', 'tel:+43')),
    set: { language: 'de' },
  },
  {
    when: all(
      equals('participant.purpose', 'customer'),
      any(equals('event.mediaType', 'chat'), equals('participant.dnis', hotlines(n))),
    ),
    set: { line: `line ${n}` },
  },
  {
    when: all(startsWith('participant.dnis', 'tel:+1800'), equals('event.direction', 'inbound')),
    set: { toll_free: 'true' },
  },
  {
    when: all(equals('event.direction', 'outbound'), startsWith('participant.address', 'tel:+1')),
    set: { campaign: `campaign ${n}` },
  },
  {
    when: all(equals('participant.purpose', 'customer'), startsWith('participant.address', 'tel:')),
    set: { greeting: { text: 'Hello ', field: 'participant.address' } },
  },
]

/** Ten rules for the start of an agent. */
const forAgents = (n: number): readonly Body[] => [
  { when: equals('participant.purpose', 'agent'), set: { source: `list ${n}` } },
  {
    when: all(equals('participant.purpose', 'agent'), equals('event.queueId', queues(n))),
    set: { team: 'billing' },
  },
  {
    when: any(equals('event.queueId', queues(n + 1)), equals('event.queueId', queues(n + 2))),
    set: { team: 'sales', priority_team: 'true' },
  },
  {
    when: all(equals('event.mediaType', 'voice'), equals('event.direction', 'inbound')),
    set: { channel: 'phone' },
  },
  {
    when: any(equals('event.userId', users(n)), equals('event.userId', users(n + 3))),
    set: { skill: 'senior' },
  },
  {
    when: any(startsWith('participant.ani', 'tel:+49'), startsWith('participant.ani', 'tel:+43')),
    set: { language: 'de' },
  },
  {
    when: all(startsWith('participant.ani', 'tel:+1317'), equals('participant.dnis', hotlines(n))),
    set: { line: `line ${n}` },
  },
  {
    when: all(
      any(equals('event.mediaType', 'voice'), equals('event.mediaType', 'callback')),
      equals('participant.purpose', 'agent'),
    ),
    set: { recorded: 'true' },
  },
  {
    when: all(equals('event.direction', 'outbound'), startsWith('participant.dnis', 'tel:+1')),
    set: { campaign: `campaign ${n}` },
  },
  {
    when: all(equals('participant.purpose', 'agent'), equals('event.mediaType', 'voice')),
    set: { handled_by: { text: 'agent ', field: 'event.userId' } },
  },
]

/** Ten rules for changed attributes. */
const forAttributes = (n: number): readonly Body[] => [
  { when: startsWith('event.conversationId', '6'), set: { source: `list ${n}` } },
  {
    when: equals('participant.attributes.support_tier', tiers(n)),
    set: { queue_hint: `queue ${n}` },
  },
  {
    when: any(
      equals('participant.attributes.support_tier', 'platinum'),
      equals('participant.attributes.support_tier', 'gold'),
    ),
    set: { vip_status: 'true', callback: 'true' },
  },
  {
    when: all(
      equals('participant.attributes.language', languages(n)),
      equals('participant.attributes.support_tier', 'silver'),
    ),
    set: { team: `team ${n}` },
  },
  {
    when: equals('participant.attributes.vip_status', 'true'),
    set: { support_tier: 'platinum' },
  },
  {
    when: any(
      equals('participant.attributes.language', 'de'),
      startsWith('participant.attributes.account', 'DE-'),
    ),
    set: { region: 'dach' },
  },
  {
    when: all(
      startsWith('participant.attributes.account', 'US-'),
      any(
        equals('participant.attributes.support_tier', 'gold'),
        equals('participant.attributes.language', 'en'),
      ),
    ),
    set: { region: 'us' },
  },
  {
    when: startsWith('participant.attributes.account', `DE-${n % 10}`),
    set: { branch: `branch ${n}` },
  },
  {
    when: all(
      equals('participant.attributes.language', 'fr'),
      equals('participant.attributes.support_tier', tiers(n + 1)),
    ),
    set: { survey: 'fr' },
  },
  {
    when: startsWith('participant.attributes.account', 'US-'),
    set: { reference: { text: 'Account ', field: 'participant.attributes.account' } },
  },
]

/** Topics of Genesys Cloud other than the three of the events. */
const otherTopics = [
  ...['customer.end', 'user.end', 'acd.start', 'acd.end', 'flow.start', 'flow.end', 'voicemail.start'],
  ...['voicemail.end', 'acw', 'wrapup', 'contact.update', 'outbound', 'users.conversations'],
  ...['users.conversations.calls', 'users.conversations.chats', 'users.conversations.callbacks'],
  ...['users.conversations.emails', 'users.conversations.messages', 'routing.queues.conversations'],
  ...['routing.queues.conversations.calls', 'routing.queues.conversations.chats'],
  ...['routing.queues.conversations.callbacks', 'routing.queues.conversations.emails'],
]

const kinds = [
  { topic: 'customer.start', rules: forCallers },
  { topic: 'attributes', rules: forAttributes },
  { topic: 'user.start', rules: forAgents },
]

/** Ten rules for each of the three topics of the events, the rest for other topics. `count`: a multiple of ten. */
export function manyRules(count: number): readonly BenchRule[] {
  const tens = Array.from({ length: count / 10 }, (_, n) => {
    const { topic, rules } = kinds[n % kinds.length] ?? { topic: '', rules: () => [] }
    const ruleTopic = n < kinds.length ? topic : (otherTopics[n % otherTopics.length] ?? '')
    return rules(n).map((rule, index) => ({ name: `rule ${n}.${index}`, topic: ruleTopic, ...rule }))
  })
  // The rules for these events are in the middle, because their position in the file must not matter.
  return [
    ...tens.slice(kinds.length, tens.length / 2),
    ...tens.slice(0, kinds.length),
    ...tens.slice(tens.length / 2),
  ].flat()
}
