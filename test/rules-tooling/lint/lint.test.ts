import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTopic } from '../../../src/ingest/envelopes/topics.ts'
import { knownTopics } from '../../../src/rules/file/known-topics.ts'
import { compileRulesText } from '../../../src/rules/load-rules.ts'
import { lint, lintMistakes } from '../../../src/rules-tooling/lint/lint.ts'
import { conversationEvent } from '../../helpers/events.ts'
import { attributesIn, oneRule, rulesOf } from '../../helpers/rules.ts'

/** Marks the expected position of the warning in the files below. It is not part of the file. */
const mark = '▸'

function warningsOf(text: string) {
  const result = compileRulesText(text, 'rules.yaml')
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return lint(result)
}

const two = (first: string, second: string): string =>
  `version: 1\nrules:\n  - { name: one, ${first} }\n  - { name: two, ${second} }\n`

const when = (condition: string): string => oneRule(`on: [attributes], set: { a: b }, when: '${condition}'`)
const on = (names: string, condition: string): string =>
  oneRule(`on: [${names}], set: { a: b }, when: '${condition}'`)
const target = (condition: string): string =>
  oneRule(`on: [attributes], set: { a: b }, target: '${condition}'`)
const set = (attributes: string): string => oneRule(`on: [attributes], set: { ${attributes} }`)
const listens = (names: string): string => oneRule(`on: [${names}], set: { a: b }`)

const mapping = (condition: string, rest = 'type: conversation:created', listens = '"*"'): string =>
  `version: 1
mappings:
  - { name: one, when: '${condition}', ${rest}, conversationId: "\${body.c}" }
rules:
  - { name: only, on: [${listens}], set: { a: b } }
`
const twoMappings = (first: string, second: string): string =>
  mapping(first).replace(
    'rules:',
    `  - { name: two, when: ${second}, type: conversation:created, conversationId: "\${body.c}" }\nrules:`,
  )
const topics = (own: string, listens: string): string =>
  mapping('has(body.c)', `type: conversation:updated, topic: ${own}`, listens)

type Case = readonly [
  what: string,
  marked: string,
  path?: string,
  message?: RegExp,
  severity?: 'mistake' | 'warning',
]

/** Files with names of `let`, `file` for all rules and `own` for the rule. */
const withLet = (file: string, own: string, rest: string): string =>
  `version: 1\nlet: { ${file} }\nrules:\n  - { name: only, on: [attributes], let: { ${own} }, ${rest} }\n`

/** Files with the warning that lint reports. Without path and message: no warning. */
const cases: readonly Case[] = [
  // Names
  [
    'a name that the rule does not read',
    withLet('', '▸a: event.id', 'set: { a: b }'),
    'rules[0].let.a',
    /^is not used by when, target or set of the rule: remove it$/,
  ],
  [
    'a name that no rule reads',
    withLet('▸a: event.id', '', 'set: { a: b }'),
    'let.a',
    /^is not used by any rule: remove it$/,
  ],
  ['names that read each other', withLet('a: event.id', 'b: a', 'when: b == "x", set: { a: b }')],
  ['a name in a target', withLet('a: event.id', '', 'target: candidate.id == a, set: { a: b }')],
  [
    'an upper-case value in a name',
    withLet('a: event.mediaType == ▸"VOICE"', '', 'when: a, set: { a: b }'),
    'let.a',
    /^write "voice"/,
    'mistake',
  ],
  [
    'an upper-case value in a name of the rule',
    withLet('', 'a: event.mediaType == ▸"VOICE"', 'when: a, set: { a: b }'),
    'rules[0].let.a',
    /^write "voice"/,
    'mistake',
  ],
  [
    'an upper-case value that is compared with a name',
    withLet('a: event.mediaType', '', 'when: a == ▸"VOICE", set: { a: b }'),
    'rules[0].when',
    /^write "voice"/,
    'mistake',
  ],
  [
    'names that exclude each other',
    withLet('a: event.id', '', 'when: a == "x" && ▸a == "y", set: { a: b }'),
    'rules[0].when',
    /excludes/,
  ],
  [
    'a name without braces',
    withLet('a: lookup("t", event.id)', '', 'when: a.tier != "", set: { a: ▸a.tier }').replace(
      'let',
      'lookups: { t: { url: "https://x.example/{key}" } }\nlet',
    ),
    'rules[0].set.a',
    /is set as plain text: write/,
  ],
  // Fields that events lack
  [
    'a topic that canonical events lack',
    on('"conversation:created"', 'event.id == "x" && ▸event.topic == "customer.start"'),
    'rules[0].when',
    /^event\.topic is missing in canonical events, unless the sender adds it: let "on" name the topic, such as customer\.start, or test has\(event\.topic\) first$/,
  ],
  [
    'a topic in a value',
    oneRule('on: [conversation:created], set: { a: "from ${▸event.topic}", b: "${event.topic}" }'),
    'rules[0].set.a',
    /^event\.topic is missing/,
  ],
  [
    'an address in events of agents',
    on('user.start, acd.*', 'lookup("t", ▸participant.address).x == ""').replace(
      'rules:',
      'lookups: { t: { url: "https://a.example/{key}" } }\nrules:',
    ),
    'rules[0].when',
    /^participant\.address is missing in every event with the topic user\.start from Genesys Cloud: the rule is undecided\. Test has\(participant\.address\) first, or add needs: participant$/,
  ],
  [
    'an external id in events of Genesys Cloud',
    on('customer.*, users.conversations.calls', '▸participant.externalId == "a"'),
    'rules[0].when',
    /^participant\.externalId is missing in every event with the topic customer\.\* from Genesys Cloud: the rule is undecided\. Test has\(participant\.externalId\) first$/,
  ],
  [
    'a field that no mapping sets',
    topics('relay.call', 'relay.call').replace('set:', 'when: ▸event.queueId == "q", set:'),
    'rules[0].when',
    /^event\.queueId is missing in every event with the topic relay\.call, because no mapping sets it: /,
  ],
  [
    'a field that a mapping sets',
    topics('relay.call', 'relay.call')
      .replace('topic:', 'queueId: "${body.q}", topic:')
      .replace('set:', 'when: event.queueId == "q", set:'),
  ],
  ['a topic that is tested', on('"conversation:created"', 'has(event.topic) && event.topic == "a"')],
  [
    'a topic that the condition tests for a value',
    oneRule('on: [conversation:created], when: has(event.topic), set: { a: "${event.topic}" }'),
  ],
  ['a topic with a default', on('"conversation:created"', 'default(event.topic, "") == ""')],
  ['an optional topic', on('"conversation:created"', 'event.?topic.orValue("") == ""')],
  ['a topic on one side of ||', on('"conversation:created"', 'event.id == "x" || event.topic == "y"')],
  ['a topic in a branch', on('"conversation:created"', 'has(event.topic) ? event.topic == "y" : true')],
  ['a topic among the topics of a type', on('"conversation:updated"', 'event.topic.startsWith("user.")')],
  ['a topic if the rule also names topics', on('"conversation:created", user.start', 'event.topic != ""')],
  ['an address if some topics have it', on('user.start, customer.start', 'participant.address != ""')],
  [
    'an address of a participant that is read first',
    oneRule('on: [user.start], needs: participant, set: { a: "${participant.address}" }'),
  ],
  [
    'a name for a field that events lack',
    withLet('id: participant.externalId', '', 'when: event.id == "x" && ▸id == "a", set: { a: b }').replace(
      'attributes',
      'user.start',
    ),
    'rules[0].when',
    /^participant\.externalId is missing in every event with the topic user\.start/,
  ],
  [
    'a name that names read, for a field that events lack',
    withLet('id: participant.externalId, upper: id.upper()', '', 'set: { a: "${▸upper}" }').replace(
      'attributes',
      'user.start',
    ),
    'rules[0].set.a',
    /^participant\.externalId is missing/,
  ],
  [
    'a name for the test of a field',
    withLet(
      'known: has(participant.externalId)',
      '',
      'when: known && participant.externalId == "a", set: { a: "${participant.externalId}" }',
    ).replace('attributes', 'user.start'),
  ],
  [
    'a name for a field with a default',
    withLet('id: default(participant.externalId, "")', '', 'when: id == "", set: { a: b }').replace(
      'attributes',
      'user.start',
    ),
  ],
  [
    'a name with a default where it is read',
    withLet('id: participant.externalId', '', 'set: { a: "${default(id, event.id)}" }').replace(
      'attributes',
      'user.start',
    ),
  ],
  ['an external id in canonical events', on('"conversation:created"', 'participant.externalId == "a"')],
  // Unknown values
  [
    'a purpose that is misspelled',
    when('event.id == "x" && participant.purpose == ▸"custmer"'),
    'rules[0].when',
    /^"custmer" is not a known purpose: did you mean "customer"\?$/,
  ],
  [
    'a purpose of a candidate that is misspelled',
    target('candidate.purpose in ["customer", ▸"agnt"]'),
    'rules[0].target',
    /^"agnt" is not a known purpose/,
  ],
  [
    'a topic that is misspelled in a condition',
    on('"conversation:updated"', 'event.topic == ▸"user.strat"'),
    'rules[0].when',
    /^"user\.strat" is not a known topic: did you mean "user\.start"\?$/,
  ],
  [
    'a misspelled media type',
    when('event.mediaType == ▸"vioce"'),
    'rules[0].when',
    /^"vioce" is not a known media type: did you mean "voice"\?$/,
  ],
  [
    'a media type that is like no other',
    when('event.mediaType != ▸"phone"'),
    'rules[0].when',
    /^"phone" is not a known media type: the known ones are voice, chat, .*, internalmessage$/,
  ],
  [
    'an unknown direction',
    when('event.direction == ▸"in"'),
    'rules[0].when',
    /^"in" is not a known direction: the known ones are inbound, outbound$/,
  ],
  ['a purpose of a relay of its own', when('participant.purpose == "supervisor"')],
  ['a purpose that Genesys Cloud has', when('participant.purpose == "ivr"')],
  [
    'a topic that a mapping sets',
    topics('relay.call', '"*"').replace('set:', 'when: event.topic == "relay.call", set:'),
  ],
  ['known values', when('event.mediaType in ["voice", "cobrowse"] && event.direction != "outbound"')],
  ['a value that is empty', when('default(event.mediaType, "") == ""')],
  ['values in event.body', when('event.body.mediaType == "VOICE"')],
  ['a value that is changed to upper case', when('event.mediaType.upper() == "VOICE"')],
  // Upper-case values
  ...[
    ['in front', '▸"VOICE" == event.mediaType', 'voice'],
    ['not equal', 'event.id == "x" || event.mediaType != ▸"VOICE"', 'voice'],
    ['in a list', 'event.mediaType in ["voice", ▸"CALLBACK"]', 'callback'],
    ['as a key', '{▸"CHAT": true}[event.mediaType]', 'chat'],
    ['with a default', 'default(event.mediaType, "") == ▸"Voice"', 'voice'],
    ['of an optional field', 'event.?mediaType.orValue("") == ▸"Voice"', 'voice'],
    ['in brackets', 'event["mediaType"] == ▸"VOICE"', 'voice'],
    ['below a call', 'size([event.direction == ▸"INBOUND"]) > 0', 'inbound'],
    ['misspelled', 'event.direction == ▸"INBUOND"', 'inbound'],
    ['of a purpose', 'participant.purpose == ▸"CUSTOMER"', 'customer'],
    ['of an unknown purpose', 'participant.purpose == ▸"Supervisor"', 'supervisor'],
  ].map(
    ([where, condition = '', meant]): Case => [
      `upper case ${where}`,
      when(condition),
      'rules[0].when',
      new RegExp(`^write "${meant}": event values are always lower case$`),
      'mistake',
    ],
  ),
  [
    'upper case in a target',
    target('candidate.purpose == ▸"Customer"'),
    'rules[0].target',
    /^write "customer": /,
    'mistake',
  ],
  [
    'upper case in a value',
    set(`a: 'Channel \${event.id} \${event.mediaType == ▸"VOICE" ? 1 : 2}'`),
    'rules[0].set.a',
    /^write "voice": /,
    'mistake',
  ],
  [
    'upper case in a topic',
    on('"*"', 'event.topic == ▸"users.conversations.cobrowseSessions"'),
    'rules[0].when',
    /^write "users\.conversations\.cobrowsesessions": event topics are always lower case$/,
    'mistake',
  ],
  // Expressions without ${ }
  [
    'a field as value',
    set('a: ▸participant.address'),
    'rules[0].set.a',
    /^is set as plain text: write \$\{participant\.address\} for its value$/,
  ],
  ['a call as value', set('a: \'▸e164(participant.address, "US")\''), 'rules[0].set.a', /\$\{e164\(/],
  [
    'two braces',
    set('a: "▸Hello {{ participant.address }}"'),
    'rules[0].set.a',
    /\$\{participant\.address\}/,
  ],
  [
    'braces without a dollar',
    set('a: "▸Hello {event.id}"'),
    'rules[0].set.a',
    /\$\{event\.id\} for its value/,
  ],
  [
    'a dollar without braces',
    set('a: "▸Hello $event.id"'),
    'rules[0].set.a',
    /\$\{event\.id\} for its value/,
  ],
  ['a dollar and parentheses', set('a: "▸$(event.id)"'), 'rules[0].set.a', /\$\{event\.id\} for its value/],
  ['an expression in its braces', set('a: "Hello ${participant.address}"')],
  ['an escaped placeholder', set('a: "$${event.id}"')],
  [
    'a text like a word, a price or a set',
    set('a: gold, b: event, c: "costs $5.00 (net)", d: "{1, 2}", e: a.b, f: 1 - 2'),
  ],
  // Mappings
  ['a mapping that can match', mapping('has(body.c)')],
  [
    'a mapping that never matches',
    mapping('▸false'),
    'mappings[0].when',
    /^is never true: the mapping is never used$/,
  ],
  [
    'a mapping whose conditions exclude each other',
    mapping('body.k == "a" && ▸body.k == "b"'),
    'mappings[0].when',
    /^body\.k == "b" excludes .*: the mapping is never used$/,
  ],
  ['a mapping for notifications', mapping('body.c == "x" && has(body.topicName)')],
  [
    'a mapping for EventBridge, after one that takes the rest',
    twoMappings('true', '\'"detail-type" in body\''),
  ],
  [
    'a mapping for one topic, after one that takes the rest',
    twoMappings('true', '\'body.topicName == "x"\''),
  ],
  [
    'a mapping for notifications after one that requires less',
    twoMappings('has(body.topicName)', '▸has(body.topicName) && has(body.c)'),
    'mappings[1].when',
    /^the earlier mapping "one" takes every item/,
  ],
  ['a mapping that ignores', mapping('has(body.c)').replace(/type: .*\}"/, 'ignore: true')],
  [
    'a mapping after one that ignores',
    twoMappings('has(body.c)', '▸has(body.d) && has(body.c)').replace(/type: .*\}"/, 'ignore: true'),
    'mappings[1].when',
    /^the earlier mapping "one" takes every item/,
  ],
  [
    'an unknown media type in a mapping',
    mapping('has(body.c)', 'type: conversation:created, mediaType: ▸Phone'),
    'mappings[0].mediaType',
    /^"phone" is not a known media type/,
  ],
  [
    'a misspelled purpose in a mapping',
    mapping('has(body.c)', 'type: conversation:created, participant: { purpose: ▸custmer }'),
    'mappings[0].participant.purpose',
    /^"custmer" is not a known purpose/,
  ],
  [
    'known values in a mapping',
    mapping('has(body.c)', 'type: conversation:created, mediaType: VOICE, direction: "${body.d}"'),
  ],
  [
    'a mapping for items that are not notifications',
    mapping('!has(body.topicName) && !("detail-type" in body)'),
  ],
  [
    'a mapping after one that takes everything',
    twoMappings('true', '▸has(body.c)'),
    'mappings[1].when',
    /^the earlier mapping "one" takes every item that matches: the mapping is never used$/,
  ],
  [
    'a mapping after one that requires less',
    twoMappings('has(body.c)', '▸has(body.d) && has(body.c)'),
    'mappings[1].when',
    /^the earlier mapping "one" takes every item/,
  ],
  ['a mapping after one that requires more', twoMappings('has(body.d) && has(body.c)', 'has(body.c)')],
  [
    'a mapping whose type no rule listens to',
    mapping('has(body.c)', 'type: ▸conversation:created', 'conversation:updated'),
    'mappings[0].type',
    /^has no rule that listens to it: the events of the mapping are ignored$/,
  ],
  [
    'a mapping whose topic and type no rule listens to',
    topics('▸relay.call', 'conversation:created'),
    'mappings[0].topic',
    /^has no rule that listens to it or to conversation:updated: the events of the mapping are ignored$/,
  ],
  ['a mapping that reads its type from the item', mapping('has(body.c)', 'type: "${body.t}"', 'acw')],
  ['a topic of a mapping', topics('relay.call', 'relay.call')],
  ['topics of a mapping', topics('relay.call', 'relay.*, relay.call')],
  [
    'a misspelled topic of a mapping',
    topics('relay.call', 'conversation:updated, ▸relay.cal'),
    'rules[0].on[1]',
    /did you mean relay\.call\?$/,
  ],
  // Never matches
  [
    'a condition that is false',
    oneRule('on: [acw], set: { a: b }, when: ▸false'),
    'rules[0].when',
    /^is never true: the rule never matches$/,
  ],
  ['a condition that is true', oneRule('on: [acw], set: { a: b }, when: true')],
  ['a constant among others', when('event.id == "x" && ▸1 > 2'), 'rules[0].when', /never true/],
  ['a constant in parentheses', when('event.id == "x" && (▸"a" == "b")'), 'rules[0].when', /never true/],
  ['a constant that fails', when('▸1 / 0 == 1'), 'rules[0].when', /never true/],
  ['a constant that is true', when('1 < 2 && event.id == "x"')],
  [
    'two values at once',
    when('participant.purpose == "a" && ▸participant.purpose == "b"'),
    'rules[0].when',
    /^participant\.purpose == "b" excludes participant\.purpose == "a" before it: the rule never matches$/,
  ],
  ['the value in front', when('"a" == event.id && ▸"b" == event.id'), 'rules[0].when', /excludes/],
  [
    'a value and not this value',
    when('event.id == "a" && event.queueId == "q" && ▸event.id != "a"'),
    'rules[0].when',
    /excludes/,
  ],
  [
    'a value outside of a list',
    when('event.id in ["a", "b"] && ▸event.id == "c"'),
    'rules[0].when',
    /excludes/,
  ],
  [
    'lists without a common value',
    when('event.id in ["a"] && ▸event.id in ["b"]'),
    'rules[0].when',
    /excludes/,
  ],
  [
    'a list of which each value is excluded',
    when('event.body.n in [1] && ▸event.body.n != 1.0'),
    'rules[0].when',
    /excludes/,
  ],
  [
    'two values of an attribute, in both spellings',
    when('participant.attributes["t"] == "a" && ▸participant.attributes.t == "b"'),
    'rules[0].when',
    /excludes/,
  ],
  ['a boolean and its negation', when('event.body.vip && ▸!event.body.vip'), 'rules[0].when', /excludes/],
  ['the same value twice', when('event.id == "a" && event.id == "a"')],
  ['lists with a common value', when('event.id in ["a", "b"] && event.id in ["b", "c"]')],
  ['another value excluded', when('event.id == "a" && event.id != "b"')],
  ['values of two fields', when('event.id == "a" && event.queueId == "b"')],
  ['a key with a dot is not a path', when('event.body["a.b"] == 1 && event.body.a.b == 2')],
  ['either of two values', when('event.id == "a" || event.id == "b"')],
  ['parts that are not compared with constants', when('event.id == event.queueId && event.id == "b"')],
  [
    'a target that never matches',
    target('candidate.purpose == "a" && ▸candidate.purpose == "b"'),
    'rules[0].target',
    /excludes .*: no participant ever matches$/,
  ],
  ['a target that can match', target('candidate.purpose == "agent" && candidate.connected')],
  // Types and topics that the rule does not listen to
  [
    'a topic it does not listen to',
    on('customer.start', '▸event.topic == "customer.end"'),
    'rules[0].when',
    /^event\.topic == "customer\.end" is never true, because the rule listens only to customer\.start/,
  ],
  [
    'a topic outside of a wildcard',
    on('user.*', '▸event.topic == "customer.end"'),
    'rules[0].when',
    /listens only to user\.\*/,
  ],
  [
    'a type it does not listen to',
    on('conversation:created', '▸event.type == "conversation:updated"'),
    'rules[0].when',
    /is never true/,
  ],
  [
    'an unknown type',
    when('▸event.type == "conversation:ended"'),
    'rules[0].when',
    /^event\.type is conversation:created or conversation:updated: /,
  ],
  ['a topic in a wildcard', on('user.*', 'event.topic == "user.end"')],
  ['a topic of everything', on('"*"', 'event.topic == "user.end"')],
  [
    'a topic of a type',
    on('conversation:updated', 'event.topic == "user.end" && event.type == "conversation:updated"'),
  ],
  ['a type of a topic', on('acw', 'event.type == "conversation:created"')],
  // Always overwritten
  [
    'a value that a later rule overwrites',
    two('on: [acw], set: { a: ▸x, b: x }', 'on: [acw, wrapup], set: { a: y }'),
    'rules[0].set.a',
    /^is always overwritten by the later rule "two", which has no condition$/,
  ],
  [
    '… by a wildcard',
    two('on: [user.start], set: { a: ▸x, b: x }', 'on: [user.*], set: { a: y }'),
    'rules[0].set.a',
    /overwritten/,
  ],
  [
    '… by everything',
    two('on: [acw], set: { a: ▸x, b: x }', 'on: "*", set: { a: y }'),
    'rules[0].set.a',
    /overwritten/,
  ],
  [
    '… by both types',
    two('on: [acw], set: { a: ▸x, b: x }', 'on: [conversation:created, conversation:updated], set: { a: y }'),
    'rules[0].set.a',
    /overwritten/,
  ],
  ['… under a condition', two('on: [acw], set: { a: x }', 'on: [acw], set: { a: y }, when: event.id == "x"')],
  ['… for some events only', two('on: [acw, wrapup], set: { a: x }', 'on: [acw], set: { a: y }')],
  [
    '… on another participant',
    two('on: [acw], set: { a: x }', 'on: [acw], set: { a: y }, target: candidate.connected'),
  ],
  [
    '… on the same other participant',
    two(
      'on: [acw], set: { a: ▸x, b: x }, target: candidate.connected',
      'on: [acw], set: { a: y }, target: candidate.connected',
    ),
    'rules[0].set.a',
    /overwritten/,
  ],
  ['… by a value that may fail', two('on: [acw], set: { a: x }', 'on: [acw], set: { a: "${event.id}" }')],
  [
    '… by a literal',
    two('on: [acw], set: { a: ▸x, b: x }', 'on: [acw], set: { a: "$${event.id}" }'),
    'rules[0].set.a',
    /overwritten/,
  ],
  // Repeated values
  [
    'a rule that repeats another',
    two('on: [acw], set: { a: x, b: y }', 'on: [acw], set: ▸{ a: x }, when: has(event.id)'),
    'rules[1].set',
    /^sets only values that the earlier rule "one" always sets: the rule changes nothing$/,
  ],
  [
    'a rule that repeats one with a condition',
    two('on: [acw], set: { a: x }, when: has(event.id)', 'on: [acw], set: { a: x }, when: event.id == "x"'),
  ],
  [
    'a rule that sets it back',
    `${two('on: [acw], set: { a: x }', 'on: [acw], set: { a: y }, when: has(event.id)')}  - { name: three, on: [acw], set: { a: x }, when: has(event.userId) }\n`,
  ],
  // Attribute names
  [
    'a dot',
    set('crm.tier: ▸x'),
    'rules[0].set.crm.tier',
    /^contains a dot, which .* may not accept: use letters, digits, _ and -$/,
  ],
  ['a space', set('"vip status": ▸x'), 'rules[0].set.vip status', /^contains a space, which /],
  ['a trailing space', set('"tier ": ▸x'), 'rules[0].set.tier ', /^begins or ends with a space, which /],
  ['non-ASCII letters', set('größe: ▸x'), 'rules[0].set.größe', /^contains non-ASCII characters, which /],
  [
    'a long name',
    set(`${'x'.repeat(101)}: ▸x`),
    `rules[0].set.${'x'.repeat(101)}`,
    /^has 101 characters, which /,
  ],
  [
    'several of them',
    set('"a b.c": ▸x'),
    'rules[0].set.a b.c',
    /^contains a dot and contains a space, which /,
  ],
  ['a name that is fine', set(`vip-Status_2: x, ${'x'.repeat(100)}: x`)],
  ["a label of Genesys Cloud's own panel", set('"conversationDetails.participantData.Account Balance": x')],
  // Topics
  [
    'a misspelled topic',
    listens('▸custommer.start'),
    'rules[0].on[0]',
    /^is not a topic of Genesys Cloud: did you mean customer\.start\?$/,
  ],
  [
    'a topic outside of a list',
    oneRule('on: ▸atributes, set: { a: b }'),
    'rules[0].on[0]',
    /did you mean attributes\?$/,
  ],
  [
    'a misspelled snapshot topic',
    listens('acw, ▸users.conversations.call'),
    'rules[0].on[1]',
    /did you mean users\.conversations\.calls\?$/,
  ],
  ['a topic prefix without wildcard', listens('▸customer'), 'rules[0].on[0]', /did you mean customer\.\*\?$/],
  ['a wildcard below a topic', listens('▸acw.*'), 'rules[0].on[0]', /did you mean acw\?$/],
  ['a misspelled wildcard', listens('▸costumer.*'), 'rules[0].on[0]', /did you mean customer\.\*\?$/],
  [
    'a topic unlike any',
    listens('▸crm.update'),
    'rules[0].on[0]',
    /^is not a topic of Genesys Cloud: only your own relay could send it$/,
  ],
  [
    'all kinds of names that are known',
    listens(
      '"*", user.*, users.*, USER.Start, Conversation:Updated, users.conversations.cobrowseSessions, routing.queues.conversations.internalmessages, routing.queues.conversations.*, routing.queues.conversations, users.conversations.messages, voicemail.end, conversation:created',
    ),
  ],
]

for (const [what, marked, path, message, severity = 'warning'] of cases) {
  test(`${path === undefined ? 'no warning' : `a ${severity}`}: ${what}`, () => {
    const position = marked.indexOf(mark)
    const warnings = warningsOf(marked.replace(mark, ''))
    if (path === undefined) return assert.deepEqual(warnings, [])
    const before = marked.slice(0, position).split('\n')
    assert.deepEqual(
      warnings.map((warning) => [warning.path, warning.line, warning.column]),
      [[path, before.length, (before.at(-1)?.length ?? 0) + 1]],
      JSON.stringify(warnings),
    )
    assert.match(warnings[0]?.message ?? '', message ?? /^$/)
    assert.equal(warnings[0]?.severity, severity)
  })
}

test('the service accepts each known topic', () => {
  for (const topic of knownTopics) {
    const [family = '', rest] = topic.split('.conversations')
    const name =
      rest === undefined ? `v2.detail.events.conversation.x.${topic}` : `v2.${family}.x.conversations${rest}`
    const read = parseTopic(name)
    assert.equal('topic' in read ? read.topic : read.kind, topic)
  }
})

test('lintMistakes returns the mistakes without the warnings', () => {
  const result = compileRulesText(
    two(
      'on: [acv], set: { a: b }, when: \'event.direction == "IN"\'',
      'on: [acw], set: { c: x }, when: "event.id == \\"A\\" && event.mediaType == \\"CHAT\\""',
    ),
    'rules.yaml',
  )
  assert.ok(result.kind === 'ok')
  assert.deepEqual(
    lintMistakes(result).map(({ path, line }) => [path, line]),
    [
      ['rules[0].when', 3],
      ['rules[1].when', 4],
    ],
  )
})

test('several warnings are in file order', () => {
  const warnings = warningsOf(
    two('on: [acv], set: { "a b": x, c: y }, when: false', 'on: [acw], set: { c: x }, when: "1 == 2"'),
  )
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['rules[0].on[0]', 'rules[0].set.a b', 'rules[0].when', 'rules[1].when'],
  )
})

const literal = fc.constantFrom('"a"', '"b"', '"c"')
const part = fc.oneof(
  fc
    .tuple(fc.constantFrom('event.id', 'event.userId'), fc.constantFrom('==', '!='), literal)
    .map((words) => words.join(' ')),
  fc
    .tuple(fc.constantFrom('event.id', 'event.userId'), fc.array(literal, { maxLength: 3 }))
    .map(([field, list]) => `${field} in [${list.join(', ')}]`),
  fc.constantFrom('true', '1 == 1', 'event.body.vip', '!event.body.vip'),
)

test('property: no event matches a condition reported as never true', () => {
  const events = ['a', 'b', 'c', 'd'].flatMap((id) =>
    ['a', 'b', 'c', 'd'].flatMap((userId) =>
      [true, false].map((vip) => conversationEvent({ id, userId, body: { vip } })),
    ),
  )
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = oneRule(`on: "*", set: { a: b }, when: ${JSON.stringify(parts.join(' && '))}`)
      if (warningsOf(text).length === 0) return
      const rules = rulesOf(text)
      for (const event of events) assert.deepEqual(rules.evaluate(event).matched, [])
    }),
  )
})

const names = fc.subarray(['conversation:created', 'conversation:updated', 'user.start', 'user.*', '*'], {
  minLength: 1,
})
const rule = fc.record({
  on: names,
  when: fc.constantFrom(undefined, undefined, 'has(event.userId)'),
  set: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', '${event.userId}'), { minKeys: 1 }),
})

test('property: values reported as overwritten never stay, and rules reported as repeating change nothing', () => {
  const events = (['conversation:created', 'conversation:updated'] as const).flatMap((type) =>
    ['user.start', 'user.end', 'acw'].flatMap((topic) => [
      conversationEvent({ type, topic }),
      conversationEvent({ type, topic, userId: 'u' }),
    ]),
  )
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (list) => {
      const named = list.map((each, index) => ({ name: String(index), ...each }))
      const before = JSON.stringify({ version: 1, rules: named })
      const rules = rulesOf(before)
      for (const { path } of warningsOf(before)) {
        const [, index, , attribute] = /^rules\[(\d)\]\.set(\.(.+))?$/.exec(path) ?? []
        const without = rulesOf(JSON.stringify({ version: 1, rules: named.toSpliced(Number(index), 1) }))
        for (const event of events) {
          if (attribute === undefined)
            assert.deepEqual(attributesIn(without.evaluate(event)), attributesIn(rules.evaluate(event)), path)
          const hasLastWord = rules
            .explain(event)
            .attributes.some((each) => each.rule === index && each.attribute === attribute)
          assert.ok(!hasLastWord, path)
        }
      }
    }),
  )
})
