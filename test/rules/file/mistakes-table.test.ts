import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadRules } from '../../../src/rules/load-rules.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** Marks the expected position of the problem in the files below. It is not part of the file. */
const mark = '▸'

/** A rules file with one mistake, and the expected path and message. A string is the whole message. */
type Mistake = readonly [what: string, marked: string, path: string, message: string | RegExp]

const rule = (rest: string) => `version: 1
lookups:
  tiers: { file: tiers.csv, key: phone }
rules:
  - name: first
    on: [attributes]
    ${rest}
`
const when = (condition: string) => rule(`when: ${condition}\n    set: { a: b }`)
const target = (condition: string) => rule(`target: ${condition}\n    set: { a: b }`)
const tier = (value: string) => rule(`set:\n      tier: ${value}`)
const on = (subscriptions: string) =>
  `version: 1\nrules:\n  - name: first\n    on: ${subscriptions}\n    set: { a: b }\n`
const lookup = (definition: string) => `version: 1\nlookups:\n  customers: ${definition}\nrules: []\n`
const mapping = (rest: string, when = 'has(body.call)') => `version: 1
mappings:
  - name: first
    when: ${when}
    ${rest}
rules: []
`
const typed = (rest: string) => mapping(`type: conversation:created\n    ${rest}`)
const mapped = (rest: string) => typed(`conversationId: \${body.call.id}\n    ${rest}`)
const ruleTest = (rest: string) => `version: 1\nrules: []\ntests:\n  - ${rest}\n`

const inYaml: readonly Mistake[] = [
  ['a tab as indentation', 'version: 1\n▸\trules: []\n', '', 'a tab cannot be used to indent: use spaces'],
  ['a bracket that is never closed', 'version: 1\nrules: ▸[\n', '', 'this [ is never closed'],
  ['an inner bracket that is never closed', on('▸[attributes'), '', 'this [ is never closed'],
  ['a brace that is never closed', rule('set: ▸{ a: b'), '', 'this { is never closed'],
  [
    'a quote that is never closed',
    'version: 1\nrules:\n  - name: ▸"first\n    on: [acw]\n',
    '',
    'this " is never closed',
  ],
  ['a duplicate key', 'version: 1\n▸version: 1\nrules: []\n', '', 'duplicate key: remove one of the two'],
  ['a duplicate attribute', rule('set: { a: b, ▸a: c }'), '', 'duplicate key: remove one of the two'],
  [
    'a duplicate lookup',
    lookup('{ file: tiers.csv, key: phone }\n  ▸customers: { file: tiers.csv, key: phone }'),
    '',
    'duplicate key: remove one of the two',
  ],
  [
    'a line that is indented too far',
    'version: 1\nrules:\n  - name: first\n    on: [acw]\n▸     set: { a: b }\n',
    '',
    'wrong indentation: the entries of one map or list begin in the same column',
  ],
  [
    'no space after a colon',
    'version: 1\nrules:\n  - ▸name:first\n    on: [acw]\n',
    '',
    'a key needs a colon and a space after it',
  ],
  ['no colon', on('[acw]\n    ▸priority high'), '', 'a key needs a colon and a space after it'],
  [
    'no colon in the last line',
    rule('▸set'),
    '',
    'a key needs a colon and a space after it; a list entry needs a - and a space before it',
  ],
  [
    'two documents',
    'version: 1\nrules: []\n▸---\nversion: 1\n',
    '',
    'a rules file is one document: remove the ---',
  ],
  [
    'a condition that begins with a quote',
    when('"vip" ▸in event.attributes'),
    '',
    /begins with a quote or bracket, .* needs quotes around all of it$/,
  ],
  ['a condition that begins with an exclamation mark', when('▸!has(event.queueId)'), '', /begins with !/],
  [
    'a topic * without quotes',
    on('[▸*]'),
    '',
    'a text that begins with * or & needs quotes around all of it',
  ],
  ['a value that begins with @', tier('▸@home'), '', /^a text that begins with this character needs quotes/],
  [
    'a choice without quotes',
    tier('▸${has(event.id) ? event.id : "none"}'),
    '',
    /contains ": " needs quotes/,
  ],
  ['braces in braces', rule('set: { tag: $▸{event.queueId} }'), '', /needs quotes around all of it$/],
  ['a key of a URL without quotes', lookup('{ url: https://x.example/▸{key} }'), '', /needs quotes around/],
  ['an escape in double quotes', tier('"▸\\d"'), '', /^invalid escape .*: put single quotes around all/],
  ['a comma that is missing', on('[acw]\n    priority: { a: ▸b c: d }'), '', /^a comma is missing between/],
  ['an alias without its anchor', 'version: 1\nrules: ▸*rules\n', '', /^a text that begins with \* or &/],
  [
    'aliases that multiply',
    `▸version: 1
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
rules: [*c, *c, *c, *c, *c, *c, *c, *c, *c]
`,
    '',
    'the aliases expand to too much data: write the values out',
  ],
  [
    'a condition that YAML cuts off',
    when('event.id == ▸"a #b"'),
    'rules[0].when',
    'Unterminated string (" #" begins a YAML comment: put quotes around all of the value)',
  ],
]

const inTheFile: readonly Mistake[] = [
  ['a text instead of a map', '▸hello\n', '', 'must be a map with version and rules'],
  ['a list instead of a map', '▸- version: 1\n', '', 'must be a map with version and rules'],
  ['no version', '▸rules: []\n', 'version', 'is missing: it must be 1'],
  ['another version', 'version: ▸2\nrules: []\n', 'version', 'must be 1'],
  ['a version in quotes', 'version: "▸1"\nrules: []\n', 'version', 'must be 1'],
  ['no rules', '▸version: 1\n', 'rules', /^is missing: it must be a list of rules/],
  [
    'rules without dashes',
    'version: 1\nrules:\n  ▸name: first\n  on: [acw]\n',
    'rules',
    'must be a list of rules, each of which begins with - and a space',
  ],
  [
    'a section that is misspelled',
    'version: 1\nrules: []\n▸lookup:\n  a: { file: a.csv, key: a }\n',
    'lookup',
    'is not a known field: did you mean lookups?',
  ],
  [
    'a section that is not known',
    'version: 1\nrules: []\n▸settings:\n  a: b\n',
    'settings',
    'is not a known field: use version, mappings, lookups, let, rules, tests',
  ],
]

const inARule: readonly Mistake[] = [
  [
    'a rule that is a text',
    'version: 1\nrules:\n  - ▸text\n',
    'rules[0]',
    'must be a map with name, on and set',
  ],
  [
    'a rule without a name',
    'version: 1\nrules:\n  - ▸on: [acw]\n    set: { a: b }\n',
    'rules[0].name',
    'is missing: it must be text',
  ],
  [
    'a name that is a number',
    'version: 1\nrules:\n  - name: ▸5\n    on: [acw]\n    set: { a: b }\n',
    'rules[0].name',
    'must be text: put quotes around it',
  ],
  [
    'a name used twice',
    `${rule('set: { a: b }')}  - name: ▸first\n    on: [acw]\n    set: { a: b }\n`,
    'rules[1].name',
    'is used twice: "first"',
  ],
  [
    'a rule without on',
    'version: 1\nrules:\n  - ▸name: first\n    set: { a: b }\n',
    'rules[0].on',
    /^is missing: it must be a list of event types \(.*\) and topics such as customer\.start/,
  ],
  ['an empty on', on('▸[]'), 'rules[0].on', 'must name at least one type or topic'],
  ['an on that is a number', on('▸5'), 'rules[0].on', /^must be a list of event types/],
  [
    'a type that is misspelled',
    on('[attributes, ▸conversation:crated]'),
    'rules[0].on[1]',
    'must be conversation:created, conversation:updated, a topic such as customer.start, topics such as user.*, or *: did you mean conversation:created?',
  ],
  ['a star without a dot', on('[▸user*]'), 'rules[0].on[0]', /or \*: did you mean user\.\*\?$/],
  [
    'a full topic name of Genesys Cloud',
    on('["▸v2.detail.events.conversation.{id}.user.start"]'),
    'rules[0].on[0]',
    /did you mean user\.start\?$/,
  ],
  ['a key that is misspelled', rule('▸wehn: a\n    set: { a: b }'), 'rules[0].wehn', /did you mean when\?$/],
  [
    'a key that is not known',
    rule('▸description: a\n    set: { a: b }'),
    'rules[0].description',
    'is not a known field: use name, on, let, when, target, needs, priority, set',
  ],
  [
    'a key that merges maps',
    'version: 1\nrules:\n  - &a { name: a, on: acw, set: { a: b } }\n  - { name: b, on: acw, set: { a: c }, ▸<<: *a }\n',
    'rules[1].<<',
    'is not a known field: YAML 1.2 does not merge maps, write the keys out',
  ],
  [
    'a priority that is misspelled',
    rule('priority: ▸hgih\n    set: { a: b }'),
    'rules[0].priority',
    'must be high, normal or low',
  ],
  [
    'an unknown value of needs',
    rule('needs: ▸conversation\n    set: { a: b }'),
    'rules[0].needs',
    'must be participant: the service then reads it from Genesys Cloud, with one API call',
  ],
  [
    'a rule without set',
    'version: 1\nrules:\n  - ▸name: first\n    on: [acw]\n',
    'rules[0].set',
    'is missing: it must be a map of attribute names to values',
  ],
  ['an empty set', rule('set: ▸{}'), 'rules[0].set', 'must set at least one attribute'],
  ['a set that is a list', rule('set: ▸[a]'), 'rules[0].set', 'must be a map of attribute names to values'],
  [
    'an attribute without a value',
    tier('▸').replace('tier: ', 'tier:'),
    'rules[0].set.tier',
    /"" blanks an attribute$/,
  ],
  [
    'an attribute that is a list',
    tier('▸[gold, silver]'),
    'rules[0].set.tier',
    'must be text, a number or a boolean; "" blanks an attribute',
  ],
  ['an attribute without a name', rule('set:\n      ▸"": x'), 'rules[0].set', 'an attribute needs a name'],
]

const inConditions: readonly Mistake[] = [
  ['an empty condition', when('▸""'), 'rules[0].when', 'must not be empty'],
  ['a condition that is a number', when('▸5'), 'rules[0].when', 'must be a CEL condition'],
  [
    'an unknown variable',
    when('▸partisipant.purpose == "x"'),
    'rules[0].when',
    /did you mean participant\?$/,
  ],
  ['the environment', when('▸env.HOME == "x"'), 'rules[0].when', /the variables are event and participant/],
  ['an unknown field', when('event.▸queuId == "x"'), 'rules[0].when', /did you mean "queueId"\?$/],
  ['an unknown field in has()', when('has(event.▸queuId)'), 'rules[0].when', /did you mean "queueId"\?$/],
  [
    'a field of the other variable',
    when('event.▸purpose == "x"'),
    'rules[0].when',
    /participant\.purpose\?$/,
  ],
  ['a number in quotes', when('▸size(event.id) == "5"'), 'rules[0].when', 'no such overload: int == string'],
  ['null', when('▸event.id == null'), 'rules[0].when', 'no such overload: string == null'],
  ['a field without its owner', when('▸address == "x"'), 'rules[0].when', /participant\.address\?$/],
  ['an unknown function', when('event.id.▸startWith("x")'), 'rules[0].when', /did you mean startsWith\?$/],
  ['a function of another language', when('▸len(event.id) > 2'), 'rules[0].when', /use size\( \)$/],
  [
    'a function without arguments',
    when('▸e164() == ""'),
    'rules[0].when',
    /, only for e164\(string\), e164\(string, string\)$/,
  ],
  ['= for ==', when('event.id ▸= "x"'), 'rules[0].when', 'compare with ==, !=, <= or >='],
  ['===', when('event.id ==▸= "x"'), 'rules[0].when', 'compare with ==, !=, <= or >='],
  ['and for &&', when('event.id == "x" ▸and event.topic == "y"'), 'rules[0].when', 'write && instead of and'],
  ['OR for ||', when('event.id == "x" ▸OR event.topic == "y"'), 'rules[0].when', 'write || instead of OR'],
  ['smart quotes', when('event.id == ▸“x”'), 'rules[0].when', /typographic quote/],
  ['an unfinished condition', when('event.id ==▸'), 'rules[0].when', 'Unexpected token: EOF'],
  [
    'a parenthesis that is never closed',
    when('(event.id == "x"▸'),
    'rules[0].when',
    'Expected RPAREN, got EOF',
  ],
  ['a text that is never closed', when('event.id == ▸"x'), 'rules[0].when', 'Unterminated string'],
  ['${ } in a condition', when('▸${event.id} == "x"'), 'rules[0].when', /is already an expression$/],
  [
    'a text compared with a number',
    when('▸event.id == 5'),
    'rules[0].when',
    'no such overload: string == int',
  ],
  [
    'a time compared with a text',
    when('▸event.occurredAt > "2026"'),
    'rules[0].when',
    /^no such overload: google\.protobuf\.Timestamp > string$/,
  ],
  ['a condition that gives a text', when('▸event.id'), 'rules[0].when', /must give true or false/],
  ['a value that may be missing', when('▸event.?id == "x"'), 'rules[0].when', /optional<string> == string$/],
  ['a pattern that is not correct', when('event.id.matches(▸"(a")'), 'rules[0].when', /missing closing \)/],
  ['a pattern that is not constant', when('event.id.matches(▸event.id)'), 'rules[0].when', /quoted text/],
  [
    'a zone that is misspelled',
    when('timeOfDay(event.occurredAt, ▸"Europe/Berln") > "08:00"'),
    'rules[0].when',
    /did you mean "Europe\/Berlin"\?$/,
  ],
  ['a clock', when('▸now() > event.occurredAt'), 'rules[0].when', /use event\.occurredAt/],
  ['a region in small letters', when('e164(event.id, ▸"us") == "x"'), 'rules[0].when', /such as "US"$/],
  [
    'a table that is misspelled',
    when('lookup(▸"teirs", event.id).tier == "x"'),
    'rules[0].when',
    /mean "tiers"\?$/,
  ],
  [
    'a column that is misspelled',
    when('lookup("tiers", event.id).▸teir == "x"'),
    'rules[0].when',
    /mean "tier"\?$/,
  ],
  [
    'candidate outside of target',
    when('▸candidate.purpose == "x"'),
    'rules[0].when',
    /only in target, which selects a participant$/,
  ],
  [
    'a condition that is too large',
    when(`▸${Array(251).fill('true').join(' && ')}`),
    'rules[0].when',
    /too large: the limits are 500 parts/,
  ],
  [
    'a mistake in the second line of a folded condition',
    when('>-\n      event.id == "x" &&\n      ▸evnt.id == "x"'),
    'rules[0].when',
    /did you mean event\?$/,
  ],
  [
    'a mistake in the third line of a condition in single quotes',
    when('\'event.id == "it\'\'s" &&\n      "x" != event.id &&\n      ▸evnt.id == "x"\''),
    'rules[0].when',
    /did you mean event\?$/,
  ],
  [
    'a mistake after an escaped quote',
    when('"event.id == \\"x\\" && ▸evnt.id == \\"x\\""'),
    'rules[0].when',
    /did you mean event\?$/,
  ],
]

const inTargets: readonly Mistake[] = (
  [
    ['a target that is a list', '▸[customer]'],
    ['a target that is a word', '▸customer'],
    ['a target that asks for the event only', '▸event.participantId == "p1"'],
  ] as const
)
  .map(
    ([what, condition]): Mistake => [
      what,
      target(condition),
      'rules[0].target',
      'must be event, or a CEL condition on candidate such as candidate.purpose == "customer"',
    ],
  )
  .concat([
    [
      'a field of the candidate that is misspelled',
      target('candidate.▸purpse == "customer"'),
      'rules[0].target',
      /did you mean "purpose"\?$/,
    ],
    ['a target that gives a text', target('▸candidate.purpose'), 'rules[0].target', /true or false/],
    [
      '= in a target',
      target('candidate.purpose ▸= "customer"'),
      'rules[0].target',
      'compare with ==, !=, <= or >=',
    ],
  ])

const inValues: readonly Mistake[] = [
  [
    '${ that is never closed',
    tier('a ▸${event.id'),
    'rules[0].set.tier',
    /^\$\{ has no closing \}; write \$\$\{/,
  ],
  ['${ } that is empty', tier('${▸}'), 'rules[0].set.tier', /write an expression between the braces$/],
  [
    'a list as value',
    tier('${▸[1]}'),
    'rules[0].set.tier',
    /^an attribute value is text, but this gives a list/,
  ],
  ['a map as value', tier('${▸event.attributes}'), 'rules[0].set.tier', /text, but this gives a map/],
  [
    'a row as value',
    tier('${▸lookup("tiers", event.id)}'),
    'rules[0].set.tier',
    /text, but this gives a map/,
  ],
  ['a value that may be missing', tier('${▸event.?userId}'), 'rules[0].set.tier', /add \.orValue\("…"\)$/],
  ['an unknown field in a value', tier('gold ${event.▸queuId} x'), 'rules[0].set.tier', /mean "queueId"\?$/],
  [
    'candidate in a value',
    tier('${▸candidate.id}'),
    'rules[0].set.tier',
    /only in target, which selects a participant$/,
  ],
  [
    'a column that is misspelled in a value',
    tier('${lookup("tiers", event.id).▸greting}'),
    'rules[0].set.tier',
    /did you mean "greeting"\?$/,
  ],
  [
    'a mistake in the second line of a folded value',
    tier('>-\n        gold\n        ${▸evnt.id}'),
    'rules[0].set.tier',
    /did you mean event\?$/,
  ],
]

const crm = 'url: "https://crm.example.com/{key}"'
const inLookups: readonly Mistake[] = [
  [
    'lookups that are a list',
    'version: 1\nlookups: ▸[a]\nrules: []\n',
    'lookups',
    'must be a map of names to tables',
  ],
  ['a lookup that is a text', lookup('▸tiers.csv'), 'lookups.customers', 'must be a map with file or url'],
  [
    'a name with a space',
    'version: 1\nlookups:\n  ▸my table: { file: tiers.csv, key: phone }\nrules: []\n',
    'lookups.my table',
    'is not a valid table name: use letters, digits, _ and -',
  ],
  [
    'a missing file',
    lookup('{ file: ▸teirs.csv, key: phone }'),
    'lookups.customers.file',
    /^teirs\.csv cannot be read \(ENOENT\)/,
  ],
  [
    'a file without a known ending',
    lookup('{ file: ▸tiers.txt, key: phone }'),
    'lookups.customers.file',
    /set format, such as format: csv$/,
  ],
  [
    'an unknown format',
    lookup('{ file: tiers.csv, key: phone, format: ▸xlsx }'),
    'lookups.customers.format',
    'must be csv, json or yaml',
  ],
  [
    'a CSV table without key',
    lookup('▸{ file: tiers.csv }'),
    'lookups.customers.key',
    /^is missing: it must name the column/,
  ],
  [
    'a key column that is misspelled',
    lookup('{ file: ▸tiers.csv, key: phnoe }'),
    'lookups.customers.file',
    /tiers\.csv:1 there is no column "phnoe": did you mean "phone"\?/,
  ],
  [
    'a duplicate key in a table',
    lookup('{ file: ▸twice.csv, key: phone }'),
    'lookups.customers.file',
    /twice\.csv:4 the key is a duplicate of line 2$/,
  ],
  [
    'a row with too few cells',
    lookup('{ file: ▸cells.csv, key: phone }'),
    'lookups.customers.file',
    /cells\.csv:2 has 1 cell, but the header has 2 cells$/,
  ],
  [
    'a delimiter of two characters',
    lookup('{ file: tiers.csv, key: phone, delimiter: "▸;;" }'),
    'lookups.customers.delimiter',
    /^must be one character/,
  ],
  [
    'a key of a lookup that is misspelled',
    lookup('{ file: tiers.csv, key: phone, ▸delimeter: "," }'),
    'lookups.customers.delimeter',
    /did you mean delimiter\?$/,
  ],
  [
    'a field for HTTP tables on a file table',
    lookup('{ file: tiers.csv, key: phone, ▸ttlSeconds: 60 }'),
    'lookups.customers.ttlSeconds',
    'is only for tables behind HTTP, but this one has no url',
  ],
  [
    'a file beside a URL',
    lookup(`{ ${crm}, ▸file: tiers.csv }`),
    'lookups.customers.file',
    'is only for tables in files, but this one has a url',
  ],
  [
    'a URL without a scheme',
    lookup('{ url: "▸crm.example.com/{key}" }'),
    'lookups.customers.url',
    /^is not a URL such as https:/,
  ],
  [
    'a URL without {key}',
    lookup('{ url: "▸https://crm.example.com/" }'),
    'lookups.customers.url',
    /^must contain \{key\} exactly once/,
  ],
  [
    'a URL without TLS',
    lookup('{ url: "▸http://crm.example.com/{key}" }'),
    'lookups.customers.url',
    /allowPrivate: true$/,
  ],
  [
    'a local URL',
    lookup('{ url: "▸https://localhost/{key}" }'),
    'lookups.customers.url',
    /set allowPrivate: true to allow it$/,
  ],
  [
    'a password in a URL',
    lookup('{ url: "▸https://me:pw@crm.example.com/{key}" }'),
    'lookups.customers.url',
    /send them as a header$/,
  ],
  [
    'a time limit that is too short',
    lookup(`{ ${crm}, timeoutMs: ▸5 }`),
    'lookups.customers.timeoutMs',
    /milliseconds from 50 to 60000$/,
  ],
  [
    'an unknown onError',
    lookup(`{ ${crm}, onError: ▸ignore }`),
    'lookups.customers.onError',
    'must be skip or retry',
  ],
  [
    'a header that cannot be set',
    lookup(`{ ${crm}, headers: { Host: ▸a } }`),
    'lookups.customers.headers.Host',
    'is a header that cannot be set',
  ],
  [
    'columns that are a list',
    lookup(`{ ${crm}, columns: ▸[tier] }`),
    'lookups.customers.columns',
    /^must be a map of columns/,
  ],
]

const inMappings: readonly Mistake[] = [
  [
    'mappings that are a map',
    'version: 1\nrules: []\nmappings: ▸{}\n',
    'mappings',
    /^must be a list of mappings/,
  ],
  [
    'a mapping that is a text',
    'version: 1\nrules: []\nmappings:\n  - ▸call\n',
    'mappings[0]',
    'must be a map with name, when, type and conversationId, or name, when and ignore',
  ],
  [
    'a mapping without a name',
    'version: 1\nrules: []\nmappings:\n  - ▸when: true\n    type: conversation:created\n    conversationId: ${body.c}\n',
    'mappings[0].name',
    'is missing: it must be text',
  ],
  [
    'a mapping without a condition',
    'version: 1\nrules: []\nmappings:\n  - ▸name: a\n    type: conversation:created\n    conversationId: ${body.c}\n',
    'mappings[0].when',
    /^is missing: it must be a CEL condition on body that recognises the item, such as has\(body\.callId\)$/,
  ],
  [
    'a mapping without a type',
    mapping('conversationId: ${body.c}').replace('name: first', '▸name: first'),
    'mappings[0].type',
    'is missing: it must be conversation:created or conversation:updated, or ${…} that gives one of them',
  ],
  [
    'a mapping without a conversation',
    typed('').replace('name: first', '▸name: first'),
    'mappings[0].conversationId',
    'is missing: it must be ${…} that gives the id, such as ${body.conversationId}',
  ],
  [
    'event fields beside ignore',
    mapping('ignore: ▸true\n    topic: relay.call\n    conversationId: ${body.c}'),
    'mappings[0].ignore',
    'excludes the fields of an event: remove ignore, or topic, conversationId',
  ],
  [
    'ignore with the value false',
    mapping('ignore: ▸false\n    type: conversation:created\n    conversationId: ${body.c}'),
    'mappings[0].ignore',
    'must be true; leave it out for items that are events',
  ],
  [
    'a key of a mapping that is misspelled',
    mapped('▸participantID: ${body.p}'),
    'mappings[0].participantID',
    'is not a known field: did you mean participantId?',
  ],
  [
    'a key of a mapping that is not known',
    mapped('▸each: ${body.l}'),
    'mappings[0].each',
    /^is not a known field: use name, when, ignore, type, topic, conversationId,/,
  ],
  [
    'a key of the participant that is misspelled',
    mapped('participant: { ▸adress: "${body.from}" }'),
    'mappings[0].participant.adress',
    'is not a known field: did you mean address?',
  ],
  [
    'the id of the participant in the wrong place',
    mapped('participant: { ▸id: "${body.p}" }'),
    'mappings[0].participant.id',
    /^is not a known field: use purpose, address, ani,/,
  ],
  [
    'a participant that is a text',
    mapped('participant: ▸${body.p}'),
    'mappings[0].participant',
    'must be a map with fields of participant such as purpose and address',
  ],
  [
    'a field that is a list',
    mapped('queueId: ▸[a]'),
    'mappings[0].queueId',
    'must be text, a number or a boolean; ${…} in it is CEL on body',
  ],
  [
    'two mappings of one name',
    mapped('').replace(
      'rules: []',
      '  - name: ▸first\n    when: true\n    type: conversation:created\n    conversationId: ${body.c}\nrules: []',
    ),
    'mappings[1].name',
    'is used twice: "first"',
  ],
  [
    'a type that is misspelled',
    mapping('type: ▸conversation:create\n    conversationId: ${body.c}'),
    'mappings[0].type',
    'must be conversation:created or conversation:updated: did you mean conversation:created?',
  ],
  [
    'a topic as type',
    mapping('type: ▸customer.start\n    conversationId: ${body.c}'),
    'mappings[0].type',
    'must be conversation:created or conversation:updated',
  ],
  [
    'a topic that no rule can name',
    mapped('topic: ▸Survey Sent'),
    'mappings[0].topic',
    /^is not a valid topic/,
  ],
  [
    'a path into the item without ${}',
    typed('conversationId: ▸body.call.id'),
    'mappings[0].conversationId',
    'is plain text: write ${body.call.id} for the value of the item',
  ],
  [
    'a path without ${} in a field that may be plain text',
    mapped('participant: { address: ▸body.from }'),
    'mappings[0].participant.address',
    'is plain text: write ${body.from} for the value of the item',
  ],
  [
    'an id that is the same for every item',
    mapped('participantId: ▸p1'),
    'mappings[0].participantId',
    'is the same for every item: write ${…} with the field of the item, such as ${body.participantId}',
  ],
  [
    'attributes that are a text',
    mapped('attributes: ▸gold'),
    'mappings[0].attributes',
    'must be a map of attribute names to values, or one ${…} that gives a map',
  ],
  [
    'attributes that give a text',
    mapped('attributes: ${▸string(body.a)}'),
    'mappings[0].attributes',
    'attributes are a map, but this gives text',
  ],
  [
    'an invalid attribute name',
    mapped('attributes: { __proto__: ▸a }'),
    'mappings[0].attributes.__proto__',
    'is not a valid attribute name',
  ],
  [
    'a condition that is a text',
    mapping('type: conversation:created\n    conversationId: ${body.c}', '▸string(body.call)'),
    'mappings[0].when',
    'a condition must give true or false, but this gives text',
  ],
  [
    'a condition on event in a mapping',
    mapping('type: conversation:created\n    conversationId: ${body.c}', 'has(▸event.body)'),
    'mappings[0].when',
    'there is no variable "event" in a mapping, which creates the event: read the received item from body',
  ],
  [
    'a variable that is misspelled',
    typed('conversationId: ${▸bdy.call.id}'),
    'mappings[0].conversationId',
    'there is no variable "bdy": did you mean body?',
  ],
  [
    'a field of the item without body',
    typed('conversationId: ${▸callId}'),
    'mappings[0].conversationId',
    'there is no variable "callId": did you mean body.callId?',
  ],
  [
    'a function that is misspelled',
    mapped('participant: { address: "${▸e146(body.from)}" }'),
    'mappings[0].participant.address',
    /did you mean e164\?$/,
  ],
  [
    'a text and a number joined',
    mapped('queueId: ${▸"q" + 1}'),
    'mappings[0].queueId',
    'no such overload: string + int',
  ],
  [
    'a list where text is needed',
    mapped('queueId: ${▸body.a.split(",")}'),
    'mappings[0].queueId',
    'this field is text, but this gives a list',
  ],
  [
    'a boolean as time',
    mapped('occurredAt: ${▸has(body.t)}'),
    'mappings[0].occurredAt',
    'a time is ISO 8601 text or epoch milliseconds, but this gives true or false',
  ],
  [
    'a value that may be missing',
    mapped('queueId: ${▸body.?q}'),
    'mappings[0].queueId',
    /^this field is text, but this gives a value that may be missing/,
  ],
  [
    'a lookup in a mapping',
    mapped('queueId: ${▸lookup("tiers", body.q).tier}').replace(
      'mappings:',
      'lookups:\n  tiers: { file: tiers.csv, key: phone }\nmappings:',
    ),
    'mappings[0].queueId',
    'a mapping cannot use lookup(): use it in a rule',
  ],
  [
    'body in a rule',
    when('has(▸body.call)'),
    'rules[0].when',
    'there is no variable "body": did you mean event.body?',
  ],
]

const inTests: readonly Mistake[] = [
  ['tests that are a map', 'version: 1\nrules: []\ntests: ▸{}\n', 'tests', /^must be a list of tests/],
  ['a test that is a text', ruleTest('▸text'), 'tests[0]', 'must be a map with name, event and expect'],
  [
    'a key of a test that is not known',
    ruleTest('name: a\n    event: {}\n    expect: {}\n    ▸given: {}'),
    'tests[0].given',
    /^is not a known field: use name, event, participants, answers,/,
  ],
  [
    'a test without a name',
    ruleTest('▸event: {}\n    expect: {}'),
    'tests[0].name',
    'is missing: it must be text',
  ],
  [
    'a test without an event',
    ruleTest('▸name: a\n    expect: {}'),
    'tests[0].event',
    'is missing: it must be an event as a relay sends it',
  ],
  [
    'a test without expect, becomes and ignored',
    ruleTest('▸name: a\n    event: {}'),
    'tests[0].expect',
    /^is missing: it must be a map of attribute names to values; \{\} for none$/,
  ],
  [
    'a field of the event that is misspelled',
    ruleTest('name: a\n    event: {}\n    becomes: { ▸typ: a }'),
    'tests[0].becomes.typ',
    'is not a known field: did you mean type?',
  ],
  [
    'a field of its participant that is misspelled',
    ruleTest('name: a\n    event: {}\n    becomes: { participant: { ▸adress: a } }'),
    'tests[0].becomes.participant.adress',
    'is not a known field: did you mean address?',
  ],
  [
    'an invalid time',
    ruleTest('name: a\n    event: {}\n    becomes: { occurredAt: ▸soon }'),
    'tests[0].becomes.occurredAt',
    /^must be an ISO 8601 time/,
  ],
  [
    'an expected value that is null',
    ruleTest('name: a\n    event: {}\n    expect: { a: ▸null }'),
    'tests[0].expect.a',
    /^must be text, a number or a boolean/,
  ],
  [
    'participants that are a map',
    ruleTest('name: a\n    event: {}\n    participants: ▸{}\n    expect: {}'),
    'tests[0].participants',
    'must be a list of participants',
  ],
  [
    'a participant that is a text',
    ruleTest('name: a\n    event: {}\n    participants: [▸p1]\n    expect: {}'),
    'tests[0].participants[0]',
    'must be a participant as the API returns it',
  ],
  [
    'a participant without an id',
    ruleTest('name: a\n    event: {}\n    participants: [▸{ purpose: agent }]\n    expect: {}'),
    'tests[0].participants[0]',
    'needs an id as text',
  ],
  [
    'an answer that is not a row',
    ruleTest('name: a\n    event: {}\n    answers: { crm: { k: ▸gold } }\n    expect: {}'),
    'tests[0].answers.crm.k',
    'must be a map of columns to values, or null for no row',
  ],
]

const mistakes = [
  ...inYaml,
  ...inTheFile,
  ...inARule,
  ...inConditions,
  ...inTargets,
  ...inValues,
  ...inLookups,
  ...inMappings,
  ...inTests,
]

const folder = await temporaryFolder({ after })
const file = join(folder, 'rules.yaml')
await writeFile(join(folder, 'tiers.csv'), 'phone,tier,greeting\n+13175550100,gold,Hello\n')
await writeFile(join(folder, 'twice.csv'), 'phone,tier\n+1,gold\n+2,gold\n+1,silver\n')
await writeFile(join(folder, 'cells.csv'), 'phone,tier\n+1\n')

async function problemsOf(text: string): Promise<readonly string[]> {
  await writeFile(file, text)
  const result = await loadRules(file)
  if (result.kind === 'ok') result.rules.close()
  assert.ok(result.kind === 'invalid', `was accepted:\n${text}`)
  return result.problems.map((problem) => problem.replaceAll(file, 'rules.yaml'))
}

for (const [what, marked, path, message] of mistakes) {
  test(`reports ${what} with its position`, async () => {
    const before = marked.slice(0, marked.indexOf(mark)).split('\n')
    const text = marked.replace(mark, '')
    const [line, column] = [before.length, (before.at(-1) ?? '').length + 1]
    const [problem = '', ...others] = await problemsOf(text)
    assert.deepEqual(others, [])
    const [headline = '', source, caret] = problem.split('\n')
    const location = `rules.yaml:${line}:${column} ${path === '' ? '' : `${path} `}`
    assert.equal(headline.slice(0, location.length), location, headline)
    const reported = headline.slice(location.length)
    if (typeof message === 'string') assert.equal(reported, message)
    else assert.match(reported, message)
    assert.equal(source, `    ${text.split('\n')[line - 1]?.trimEnd()}`)
    assert.equal(caret, `    ${' '.repeat(column - 1)}^`)
  })
}

test('the table has more than 100 mistakes, each with one mark', () => {
  assert.ok(mistakes.length > 100, String(mistakes.length))
  for (const [what, marked] of mistakes) assert.equal(marked.split(mark).length, 2, what)
})

test('mistakes of all kinds are reported in file order', async () => {
  const problems = await problemsOf(`version: 2
lookups:
  tiers: { file: teirs.csv, key: phone }
  crm: { url: "https://crm.example.com/" }
rules:
  - name: a
    on: [acw]
    when: evnt.id == "x" && evnt.id == "y"
    set: { x: "\${evnt.id}", y: "\${evnt.id}" }
  - name: a
    on: []
    target: candidate.purpse == "customer"
    set: {}
tests:
  - { name: a, event: {} }
extra: 1
`)
  assert.deepEqual(
    problems.map((problem) => problem.split(' ').slice(0, 2)),
    [
      ['rules.yaml:1:10', 'version'],
      ['rules.yaml:3:18', 'lookups.tiers.file'],
      ['rules.yaml:4:16', 'lookups.crm.url'],
      ['rules.yaml:8:11', 'rules[0].when'],
      ['rules.yaml:9:18', 'rules[0].set.x'],
      ['rules.yaml:9:35', 'rules[0].set.y'],
      ['rules.yaml:10:11', 'rules[1].name'],
      ['rules.yaml:11:9', 'rules[1].on'],
      ['rules.yaml:12:23', 'rules[1].target'],
      ['rules.yaml:13:10', 'rules[1].set'],
      ['rules.yaml:15:5', 'tests[0].expect'],
      ['rules.yaml:16:1', 'extra'],
    ],
  )
})

test('an unknown key does not hide mistakes in the same rule or in a lookup', async () => {
  const problems = await problemsOf(`version: 1
lookups:
  tiers: { file: tiers.csv, key: phnoe }
rules:
  - name: first
    on: [acw]
    wehn: true
    when: evnt.id == "x"
    set: { a: [b], b: "\${event.idd}" }
`)
  assert.deepEqual(
    problems.map((problem) => problem.split('\n', 1)[0]),
    [
      'rules.yaml:3:18 lookups.tiers.file tiers.csv:1 there is no column "phnoe": did you mean "phone"? the columns are "phone", "tier", "greeting"',
      'rules.yaml:7:5 rules[0].wehn is not a known field: did you mean when?',
      'rules.yaml:8:11 rules[0].when there is no variable "evnt": did you mean event?',
      'rules.yaml:9:15 rules[0].set.a must be text, a number or a boolean; "" blanks an attribute',
      'rules.yaml:9:32 rules[0].set.b event has no field "idd": did you mean "id"?',
    ],
  )
})

test('expressions are checked even in rules and mappings without required fields', async () => {
  const problems = await problemsOf(`version: 1
mappings:
  - when: has(bdy.call)
    ignore: true
    comment: a
  - name: second
    when: 5
    participant: { adress: "\${bdy.a}", ani: "\${bdy.b}" }
rules:
  - when: evnt.id == "x"
  - - a list
`)
  assert.deepEqual(
    problems.map((problem) => problem.split(' ').slice(0, 2)),
    [
      ['rules.yaml:3:5', 'mappings[0].name'],
      ['rules.yaml:3:15', 'mappings[0].when'],
      ['rules.yaml:5:5', 'mappings[0].comment'],
      ['rules.yaml:6:5', 'mappings[1].type'],
      ['rules.yaml:6:5', 'mappings[1].conversationId'],
      ['rules.yaml:7:11', 'mappings[1].when'],
      ['rules.yaml:8:20', 'mappings[1].participant.adress'],
      ['rules.yaml:8:48', 'mappings[1].participant.ani'],
      ['rules.yaml:10:5', 'rules[0].name'],
      ['rules.yaml:10:5', 'rules[0].on'],
      ['rules.yaml:10:5', 'rules[0].set'],
      ['rules.yaml:10:11', 'rules[0].when'],
      ['rules.yaml:11:5', 'rules[1]'],
    ],
  )
})

test('YAML that is nested too deeply is reported as such', async () => {
  const [problem = '', ...others] = await problemsOf(
    `version: 1\nrules: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
  )
  assert.deepEqual(others, [])
  assert.match(problem.split('\n')[0] ?? '', /^rules\.yaml:2:\d+ this is nested too deeply$/)
})

test('each line with a YAML mistake is reported once, without follow-up errors', async () => {
  const problems = await problemsOf(`version: 1
rules:
  - name: a
    when: "vip" in event.attributes
    on: [acw]
  - name: b
    when: !has(event.id)
    set: { tag: \${event.id} }
  - name: c
    on: [acw]
`)
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['rules.yaml:4:17', 'rules.yaml:7:11', 'rules.yaml:8:18'],
  )
})
