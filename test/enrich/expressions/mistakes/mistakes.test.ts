import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createExpressions } from '../../../../src/enrich/expressions/expressions.ts'
import { mistakeOf } from '../../../helpers/expressions.ts'

/** Stands in the expressions below where the mistake is reported; it is not part of them. */
const mark = '▸'

/** An expression with one mistake, and what its author is told. */
const mistakes: readonly (readonly [marked: string, message: string | RegExp])[] = [
  // Signs and words of other languages
  ['event.id ▸= "x"', '= must be ==: two signs compare'],
  ['event.id ▸=== "x"', '=== must be =='],
  ['event.id ▸!== "x"', '!== must be !='],
  ['event.id ▸<> "x"', '<> must be !='],
  ['size(event.id) ▸=< 5', '=< must be <='],
  ['size(event.id) ▸=> 5', '=> must be >='],
  ['event.id == "x" ▸& true', '& must be &&'],
  ['event.id == "x" ▸| true', '| must be ||'],
  ['event.id == "x" ▸and true', 'and must be &&'],
  ['event.id == "x" ▸AND true', 'AND must be &&'],
  ['event.id == "x" ▸or true', 'or must be ||'],
  ['(event.id == "x" ▸Or true)', 'Or must be ||'],
  ['▸not event.id == "x"', 'not must be !'],
  ['true && ▸NOT event.id == "x"', 'NOT must be !'],
  ['▸not (event.id == "x")', 'there is no function not: use !'],
  ['event.id ▸not in ["x"]', 'not in is written with ! before it all: !(a in b)'],
  ['event.id ▸is "x"', 'is must be =='],
  ['event.id ▸equals "x"', 'equals must be =='],
  [
    'event.id ▸contains "x"',
    'contains is written with a dot before it and parentheses after it: text.contains( )',
  ],
  ['▸if event.id == "x" then "y"', 'a choice is written condition ? value : other value'],
  ['event.id == "x" ▸then "y"', 'a choice is written condition ? value : other value'],
  ['event.id == "x" ? "y"▸', 'a choice is written condition ? value : other value'],
  ['▸for', 'for is a word of the language, and no name'],
  ['event.id == ▸“x”', '“ is a typographic quote: a text stands between straight ones, "'],
  ['event.id == ▸‘x’', /^‘ is a typographic quote/],
  ['event.id == ▸`x`', 'a text stands between quotes, "'],
  ['▸${event.id}', '${ } has no place here: what stands here is an expression already'],
  ['▸# a comment', 'a comment begins with //'],
  ['event.id == "x"▸;', '; can stand only in a quoted text'],
  ['event.id == ▸ü', 'ü can stand only in a quoted text'],
  ['event.id ▸\u00a0== "x"', 'an invisible character (U+00A0) stands here: type a normal space'],
  ['event.id == ▸\u200b"x"', /^an invisible character \(U\+200B\)/],
  // Quotes and brackets
  ['event.id == ▸"x', 'this quote is never closed'],
  ["event.id == ▸'x", 'this quote is never closed'],
  ['event.id == ▸"""x"', 'this quote is never closed'],
  ['event.id == ▸"x\n" && true', /^this quote is not closed on its line/],
  ["event.id == 'it'▸s", "the text ends before s: a quote inside of it is written with a backslash, \\'"],
  ['event.id == "▸\\d"', /^this backslash has no meaning: write \\\\/],
  ['▸(event.id == "x"', 'this ( is never closed'],
  ['▸(event.id == "x" && (true)', 'this ( is never closed'],
  ['event.id.startsWith▸("x"', 'this ( is never closed'],
  ['event.id in ▸["x", "y"', 'this [ is never closed'],
  ['size▸(', 'this ( is never closed'],
  ['event.id == "x"▸)', 'this ) closes nothing: no ( was opened'],
  ['event.id == "x"▸]', 'this ] closes nothing: no [ was opened'],
  ['(event.id ▸"x")', /^"x" cannot follow here: is an operator, a comma or \) missing before it\?$/],
  // Something is missing, or too much
  ['▸', 'an expression is missing'],
  ['  ▸', 'an expression is missing'],
  ['event.id ==▸', 'something is missing between == and the end'],
  ['▸&& true', 'something is missing before &&'],
  ['true && ▸&& true', 'something is missing between && and &&'],
  ['event.id == ▸== "x"', 'something is missing between == and =='],
  ['event.▸', 'a name is missing after the dot'],
  ['event.body.▸in', 'in cannot follow a dot: write ["in"]'],
  ['event.id ▸"x"', '"x" cannot follow here: is an operator such as == or && missing before it?'],
  ['true ▸event.id', 'event cannot follow here: is an operator such as == or && missing before it?'],
  [`${'!'.repeat(100)}▸${'!'.repeat(500)}true`, /^the expression is too large: 500 parts/],
  // Names
  ['▸evnt.id', 'there is no variable "evnt": did you mean event?'],
  ['true && ▸partisipant.purpose == "x"', 'there is no variable "partisipant": did you mean participant?'],
  ['▸purpose == "x"', 'there is no variable "purpose": did you mean participant.purpose?'],
  ['▸adress == "x"', 'there is no variable "adress": did you mean participant.address?'],
  ['▸regx.extract("a", "b")', 'there is no variable "regx": did you mean regex?'],
  [
    'event.id == ▸customer',
    'there is no variable "customer": variables are event and participant, and a text stands between quotes',
  ],
  ['▸env.HOME == "x"', /^there is no variable "env": variables are/],
  ['▸candidate.id == "x"', 'candidate is known only where a rule chooses among the participants, in target'],
  ['event.id == "x" || ▸True', 'True must be true'],
  ['event.body.x == ▸NULL', 'NULL must be null'],
  ['event.occurredAt < ▸now', /^rules have no clock/],
  ['event.▸occuredAt', 'event has no field "occuredAt": did you mean "occurredAt"?'],
  ['participant.▸purpse == "x"', 'participant has no field "purpse": did you mean "purpose"?'],
  ['participant[▸"adress"]', 'participant has no field "adress": did you mean "address"?'],
  ['event.▸kind', /^event has no field "kind": its fields are type, topic, id/],
  ['event.▸constructor', /^event has no field "constructor"/],
  ['event.?▸usrId', 'event has no field "usrId": did you mean "userId"?'],
  ['event[?▸"usrId"]', 'event has no field "usrId": did you mean "userId"?'],
  ['has(event.▸usrId)', 'event has no field "usrId": did you mean "userId"?'],
  ['!has(participant.▸adress) || true', 'participant has no field "adress": did you mean "address"?'],
  [
    'cel.bind(p, participant, p.▸adress == "x")',
    'participant has no field "adress": did you mean "address"?',
  ],
  ['[event].exists(e, has(e.id) && e.▸usrId == "x")', 'event has no field "usrId": did you mean "userId"?'],
  ['event.▸purpose == "x"', 'event has no field "purpose": did you mean participant.purpose?'],
  ['participant.▸mediaType == "x"', 'participant has no field "mediaType": did you mean event.mediaType?'],
  [
    'event.▸participant.purpose == "x"',
    'event has no field "participant": participant stands by itself, without event before it',
  ],
  ['participant.▸tier == "x"', /^participant has no field "tier": its fields are purpose, .*, attributes$/],
  ['event.id.▸startWith("x")', 'there is no function startWith: did you mean startsWith?'],
  [
    'event.body.x.▸frobnicate()',
    'there is no function frobnicate: docs/expressions.md tells which there are',
  ],
  ['event.id.▸toLowerCase()', 'there is no function toLowerCase: use .lower()'],
  ['▸length(event.id)', 'there is no function length: use size( )'],
  ['event.id.▸replace("a", "b")', /^replace is used as regex\.replace\(text, text, text\)/],
  ['event.occurredAt < ▸now()', /^rules have no clock/],
  ['[1].exists(▸event, event == 1)', 'event already has a meaning: choose another name, such as x'],
  // Calls
  [
    'event.id.▸startsWith(5)',
    'startsWith is used as text.startsWith(text), but here as text.startsWith(whole number)',
  ],
  ['event.id.▸startsWith()', 'startsWith is used as text.startsWith(text), but here as text.startsWith()'],
  [
    '▸startsWith(event.id, "x")',
    'startsWith is used as text.startsWith(text), but here as startsWith(text, text)',
  ],
  ['event.occurredAt.▸lower()', 'lower is used as text.lower(), but here as time.lower()'],
  ['▸size(5)', 'size is used as size(text) or size(list) or size(map), but here as size(whole number)'],
  ['▸hash()', 'hash is used as hash(text) or hash(text, text), but here as hash()'],
  ['▸int("a", "b")', /^int is used as int\(whole number\) or int\(number\) or int\(text\), but here/],
  ['has(▸event)', 'has is used as has(event.queueId)'],
  ['has(▸"x")', 'has is used as has(event.queueId)'],
  ['[1].exists(▸x)', 'exists is used as list.exists(x, condition)'],
  ['[1].map(▸x.y, x)', 'map is used as list.map(x, value)'],
  ['cel.bind(▸1, 2, 3)', 'bind is used as cel.bind(x, value, expression)'],
  ['▸default(event.id)', 'default is used as default(value, fallback)'],
  // Values that do not fit
  ['▸participant.purpose == 1', 'participant.purpose is text: compare it with a quoted text, "1"'],
  [
    '▸participant.attributes.vip == true',
    'participant.attributes.vip is text: compare it with a quoted text, "true"',
  ],
  ['▸1.5 != event.id', 'event.id is text: compare it with a quoted text, "1.5"'],
  ['▸size(event.id) == "5"', 'size(event.id) is a whole number: compare it with a number, 5 without quotes'],
  ['▸"many" != size(event.id)', 'size(event.id) is a whole number: compare it with a number'],
  [
    '▸has(event.id) == "true"',
    'has(event.id) is true or false: compare it with true or false, without quotes',
  ],
  ['▸event.id == null', 'event.id is text, and never null: has(event.id) asks whether it is there'],
  ['▸null != size(event.id)', /^size\(event\.id\) is a whole number, and never null: has\( \) asks/],
  ['▸event.id == event.attributes', 'event.id is text: compare it with a quoted text'],
  [
    '▸event.attributes.age > 5',
    /^event\.attributes\.age is text and cannot .*: write int\(event\.attributes\.age\)$/,
  ],
  [
    '▸event.occurredAt > "2026-01-01"',
    /^event\.occurredAt is a time: compare it with a time such as timestamp\(/,
  ],
  ['▸"2026-01-01" == event.occurredAt', /^event\.occurredAt is a time/],
  ['▸"a" + 1', '+ joins texts, but 1 is a whole number: write string(1)'],
  ['▸event.attributes.age + 1', /write string\(1\), or int\(event\.attributes\.age\) to add$/],
  ['▸event.occurredAt + " o\'clock"', /: write string\(event\.occurredAt\)$/],
  ['▸duration("1m") + "x"', '+ joins texts, but duration("1m") is a duration'],
  ['▸1 + 1.5', /^\+ needs two numbers of one kind, but 1 is a whole number and 1\.5 is a number/],
  ['▸true + false', '+ has no meaning for true or false'],
  ['▸event.occurredAt + 5', '+ has no meaning between a time and a whole number'],
  ['(▸true ? "a" : "b") == 1', /^true \? "a" : "b" is text: compare it/],
  ['▸"a" in event.id', 'in looks into a list or a map, but event.id is text: use event.id.contains( )'],
  ['▸"a" in [1]', 'in looks into a list or a map of the same kind, but "a" is text and [1] is a list'],
  ['▸event.?userId == "x"', 'event.?userId is a value that may be missing: add .orValue("…") to it'],
  ['▸event.userId.orValue("x")', /^\.or\( \) and \.orValue\( \) follow a value that may be missing/],
  ['event.?userId.orValue(▸5)', 'the fallback has to be of the same kind as the value'],
  [
    'true && ▸participant.purpose',
    /^&& and \|\| join conditions, but participant\.purpose is text: compare it/,
  ],
  ['▸!participant.purpose', '! needs true or false, but participant.purpose is text'],
  ['▸-event.id', '- needs a number, but event.id is text'],
  ['▸event.id ? 1 : 2', /^a condition is needed here, but event\.id is text: compare it/],
  ['▸true ? "a" : 1', 'both answers have to be of one kind, but "a" is text and 1 is a whole number'],
  ['["a", ▸1]', /^all elements of a list or map have to be of one kind, but 1 is a whole number/],
  ['{"a": "b", "c": ▸1}', /^all elements of a list or map have to be of one kind/],
  ['▸event.id.exists(x, true)', 'a list or a map is needed here, but event.id is text'],
  ['[1].filter(x, ▸x)', 'a condition is needed here, but x is a whole number'],
  ['event.id.▸foo', 'event.id is text, and has no fields'],
  ['event.id.▸length > 3', 'event.id is text, and has no fields: use size(event.id)'],
  ['▸event.id[0]', 'event.id is text, and has no fields'],
  ['[1, 2][▸"a"]', 'an element of a list is chosen by a whole number, but "a" is text'],
]

for (const [marked, message] of mistakes) {
  const source = marked.replace(mark, '')
  test(`${JSON.stringify(source.slice(0, 60))} is explained`, () => {
    const mistake = mistakeOf(source)
    if (typeof message === 'string') assert.equal(mistake.message, message)
    else assert.match(mistake.message, message)
    assert.equal(mistake.offset, marked.indexOf(mark), mistake.message)
  })
}

test('each mistake of the table has its mark', () => {
  assert.ok(mistakes.length >= 100)
  for (const [marked] of mistakes) assert.equal(marked.split(mark).length, 2, marked)
})

const pieces = fc.constantFrom(
  ...[
    'event',
    'participant',
    '.',
    '.?',
    'id',
    'body',
    'attributes',
    'x',
    '"a"',
    "'",
    '"',
    '1',
    '1.5',
    'true',
    'null',
  ],
  ...[
    '==',
    '=',
    '!=',
    '&&',
    '||',
    '&',
    '!',
    '+',
    '-',
    '<',
    '>',
    'in',
    '?',
    ':',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    'exists(x, ',
    '.map(x, ',
    'has(',
    'size(',
    'lookup(',
    'matches(',
    'default(',
    'regex.extract(',
    'cel.bind(x, ',
  ],
  ...[' ', '\n', '//', '\\', '“', '\u0000', '\ud800', '😀', 'and', 'not', 'if', '__proto__', 'constructor'],
)

test('property: no text makes the compiler throw; a mistake has words and a place in the text', () => {
  const expressions = createExpressions({ tables: new Map([['tiers', { columns: ['tier'] }]]) })
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  fc.assert(
    fc.property(text, fc.constantFrom('event', 'candidate'), (source, scope) => {
      const result = expressions.compile(source, scope)
      if (result.kind === 'ok') return
      assert.match(result.message, /\S/)
      assert.ok(result.offset >= 0 && result.offset <= source.length, `${result.offset}: ${result.message}`)
    }),
    { numRuns: 5_000 },
  )
})
