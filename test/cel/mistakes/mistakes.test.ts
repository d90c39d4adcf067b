import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createExpressions } from '../../../src/cel/expressions.ts'
import { mistakeOf } from '../../helpers/expressions.ts'
import { rounds } from '../../helpers/rounds.ts'

/** Marks the reported offset in the expressions below; not part of the expression. */
const mark = '▸'

/** Expressions with one mistake each, and the message. */
const mistakes: readonly (readonly [marked: string, message: string | RegExp])[] = [
  // Signs and words of other languages
  ['event.id ▸= "x"', 'compare with ==, !=, <= or >='],
  ['event.id ==▸= "x"', 'compare with ==, !=, <= or >='],
  ['event.id !=▸= "x"', 'compare with ==, !=, <= or >='],
  ['event.id <▸> "x"', 'Unexpected token: GT'],
  ['size(event.id) ▸=< 5', 'compare with ==, !=, <= or >='],
  ['size(event.id) ▸=> 5', 'compare with ==, !=, <= or >='],
  ['event.id == "x" ▸& true', 'write && instead of &'],
  ['event.id == "x" ▸| true', 'write || instead of |'],
  ['event.id == "x" ▸and true', 'write && instead of and'],
  ['event.id == "x" ▸AND true', 'write && instead of AND'],
  ['event.id == "x" ▸or true', 'write || instead of or'],
  ['(event.id == "x" ▸Or true)', 'write || instead of Or'],
  ['▸not event.id == "x"', 'write ! instead of not'],
  ['true && ▸NOT event.id == "x"', 'write ! instead of NOT'],
  ['▸not (event.id == "x")', 'there is no function not: use !'],
  ['event.id ▸not in ["x"]', 'write not in as !(a in b)'],
  ['event.id ▸is "x"', 'write == instead of is'],
  ['event.id ▸equals "x"', 'write == instead of equals'],
  ['event.id ▸contains "x"', 'contains is a method: write text.contains( )'],
  ['▸if event.id == "x" then "y"', 'Reserved identifier: if'],
  [
    'event.id == "x" ▸then "y"',
    'then is not allowed here: is an operator such as == or && missing before it?',
  ],
  ['event.id == "x" ? "y"▸', 'Expected COLON, got EOF'],
  ['▸for', 'Reserved identifier: for'],
  ['event.id == ▸“x”', '“ is a typographic quote: use the straight quote "'],
  ['event.id == ▸‘x’', /^‘ is a typographic quote/],
  ['event.id == ▸`x`', 'put a text between quotes, "'],
  ['▸${event.id}', 'remove ${ }: this is already an expression'],
  ['▸# a comment', 'a comment begins with //'],
  ['event.id == "x"▸;', '; is not allowed here'],
  ['event.id == ▸ü', 'ü is not allowed here'],
  ['event.id ▸\u00a0== "x"', 'there is an invisible character (U+00A0): type a normal space'],
  ['event.id == ▸\u200b"x"', /^there is an invisible character \(U\+200B\)/],
  // Quotes and brackets
  ['event.id == ▸"x', 'Unterminated string'],
  ["event.id == ▸'x", 'Unterminated string'],
  ['event.id == ▸"""x"', 'Unterminated triple-quoted string'],
  ['event.id == "x▸\n" && true', 'Newlines not allowed in single-quoted strings'],
  ["event.id == 'it'▸s", 's is not allowed here: is an operator such as == or && missing before it?'],
  ['event.id == "▸\\d"', 'Invalid escape sequence: \\d'],
  ['(event.id == "x"▸', 'Expected RPAREN, got EOF'],
  ['(event.id == "x" && (true)▸', 'Expected RPAREN, got EOF'],
  ['event.id.startsWith("x"▸', 'Expected RPAREN, got EOF'],
  ['event.id in ["x", "y"▸', 'Expected RBRACKET, got EOF'],
  ['size(▸', 'Unexpected token: EOF'],
  ['event.id == "x"▸)', ') is not allowed here'],
  ['event.id == "x"▸]', '] is not allowed here'],
  ['(event.id ▸"x")', 'Expected RPAREN, got STRING'],
  // Missing and surplus parts
  ['▸', 'Unexpected token: EOF'],
  ['  ▸', 'Unexpected token: EOF'],
  ['event.id ==▸', 'Unexpected token: EOF'],
  ['▸&& true', 'Unexpected token: AND'],
  ['true && ▸&& true', 'Unexpected token: AND'],
  ['event.id == ▸== "x"', 'Unexpected token: EQ'],
  ['event.▸', 'Expected IDENTIFIER, got EOF'],
  ['event.body.▸in', 'Expected IDENTIFIER, got IN'],
  ['event.id ▸"x"', '"x" is not allowed here: is an operator such as == or && missing before it?'],
  ['true ▸event.id', 'event is not allowed here: is an operator such as == or && missing before it?'],
  [`${'!'.repeat(100)}▸${'!'.repeat(500)}true`, /^the expression is too large: the limits are 500 parts/],
  // Names
  ['▸evnt.id', 'there is no variable "evnt": did you mean event?'],
  ['true && ▸partisipant.purpose == "x"', 'there is no variable "partisipant": did you mean participant?'],
  ['▸purpose == "x"', 'there is no variable "purpose": did you mean participant.purpose?'],
  ['▸adress == "x"', 'there is no variable "adress": did you mean participant.address?'],
  ['▸regx.extract("a", "b")', 'there is no variable "regx": did you mean regex?'],
  [
    'event.id == ▸customer',
    'there is no variable "customer": the variables are event and participant; put a text between quotes',
  ],
  ['▸env.HOME == "x"', /^there is no variable "env": the variables are/],
  ['▸candidate.id == "x"', 'candidate exists only in target, which selects a participant'],
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
  ['cel.bind(p, participant, p.▸adress == "x")', 'No such key: adress: did you mean "address"?'],
  ['[event].exists(e, has(e.id) && e.▸usrId == "x")', 'No such key: usrId: did you mean "userId"?'],
  ['event.▸purpose == "x"', 'event has no field "purpose": did you mean participant.purpose?'],
  ['participant.▸mediaType == "x"', 'participant has no field "mediaType": did you mean event.mediaType?'],
  [
    'event.▸participant.purpose == "x"',
    'event has no field "participant": participant is a variable: write participant without event before it',
  ],
  ['participant.▸tier == "x"', /^participant has no field "tier": its fields are purpose, .*, attributes$/],
  ['event.id.▸startWith("x")', 'there is no function startWith: did you mean startsWith?'],
  ['event.body.x.▸frobnicate()', 'there is no function frobnicate: docs/expressions.md lists all functions'],
  ['event.id.▸toLowerCase()', 'there is no function toLowerCase: use .lower()'],
  ['▸length(event.id)', 'there is no function length: use size( )'],
  [
    'event.id.▸replace("a", "b")',
    "found no matching overload for 'string.replace(string, string)', only for regex.replace(string, string, string)",
  ],
  ['event.occurredAt < ▸now()', /^rules have no clock/],
  ['[1].exists(▸event, event == 1)', 'event is already a variable: choose another name, such as x'],
  // Calls
  [
    'event.id.▸startsWith(5)',
    "found no matching overload for 'string.startsWith(int)', only for string.startsWith(string)",
  ],
  [
    'event.id.▸startsWith()',
    "found no matching overload for 'string.startsWith()', only for string.startsWith(string)",
  ],
  [
    '▸startsWith(event.id, "x")',
    "found no matching overload for 'startsWith(string, string)', only for string.startsWith(string)",
  ],
  [
    'event.occurredAt.▸lower()',
    "found no matching overload for 'google.protobuf.Timestamp.lower()', only for string.lower()",
  ],
  [
    '▸size(5)',
    "found no matching overload for 'size(int)', only for size(string), size(bytes), size(list<dyn>), size(map<dyn, dyn>)",
  ],
  ['▸hash()', "found no matching overload for 'hash()', only for hash(string), hash(string, string)"],
  [
    '▸int("a", "b")',
    "found no matching overload for 'int(string, string)', only for int(int), int(double), int(string)",
  ],
  ['has(▸event)', 'has() invalid argument'],
  ['has(▸"x")', 'has() invalid argument'],
  [
    '[1].exists(▸x)',
    'there is no variable "x": the variables are event and participant; put a text between quotes',
  ],
  ['[1].map(x.▸y, x)', 'map(var, transform) invalid predicate iteration variable'],
  ['cel.bind(▸1, 2, 3)', 'invalid variable argument'],
  [
    '▸default(event.id)',
    "found no matching overload for 'default(string)', only for default(expression, expression)",
  ],
  // Types
  ['▸participant.purpose == 1', 'no such overload: string == int'],
  ['▸participant.attributes.vip == true', 'no such overload: string == bool'],
  ['▸1.5 != event.id', 'no such overload: double != string'],
  ['▸size(event.id) == "5"', 'no such overload: int == string'],
  ['▸"many" != size(event.id)', 'no such overload: string != int'],
  ['▸has(event.id) == "true"', 'no such overload: bool == string'],
  ['▸event.id == null', 'no such overload: string == null'],
  ['▸null != size(event.id)', 'no such overload: null != int'],
  ['▸event.id == event.attributes', 'no such overload: string == map<string, string>'],
  ['▸event.attributes.age > 5', 'no such overload: string > int'],
  ['▸event.occurredAt > "2026-01-01"', 'no such overload: google.protobuf.Timestamp > string'],
  ['▸"2026-01-01" == event.occurredAt', 'no such overload: string == google.protobuf.Timestamp'],
  ['▸"a" + 1', 'no such overload: string + int'],
  ['▸event.attributes.age + 1', 'no such overload: string + int'],
  ['▸event.occurredAt + " o\'clock"', 'no such overload: google.protobuf.Timestamp + string'],
  ['▸duration("1m") + "x"', 'no such overload: google.protobuf.Duration + string'],
  ['▸1 + 1.5', 'no such overload: int + double'],
  ['▸true + false', 'no such overload: bool + bool'],
  ['▸event.occurredAt + 5', 'no such overload: google.protobuf.Timestamp + int'],
  ['(▸true ? "a" : "b") == 1', 'no such overload: string == int'],
  ['▸"a" in event.id', 'no such overload: string in string'],
  ['▸"a" in [1]', 'no such overload: string in list<int>'],
  ['▸event.?userId == "x"', 'no such overload: optional<string> == string'],
  ['event.▸userId.orValue("x")', "optional.orValue() receiver must be optional, got 'string'"],
  [
    'event.?userId.orValue(▸5)',
    "optional.orValue(value) argument must be compatible type, got 'string' and 'int'",
  ],
  ['▸true && participant.purpose', "Logical operator requires bool operands, got 'string'"],
  ['▸!participant.purpose', 'no such overload: !string'],
  ['▸-event.id', 'no such overload: -string'],
  ['event.▸id ? 1 : 2', "Ternary condition must be bool, got 'string'"],
  ['▸true ? "a" : 1', "Ternary branches must have the same type, got 'string' and 'int'"],
  ['["a", ▸1]', "List elements must have the same type, expected type 'string' but found 'int'"],
  ['{"a": "b", "c": ▸1}', "Map value uses wrong type, expected type 'string' but found 'int'"],
  [
    'event.▸id.exists(x, true)',
    "Expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic).",
  ],
  ['[1].filter(x, ▸x)', "filter(var, predicate) predicate must return bool, got 'int'"],
  ['event.id.▸foo', "Cannot index type 'string'"],
  ['event.id.▸length > 3', "Cannot index type 'string'"],
  ['▸event.id[0]', "Cannot index type 'string'"],
  ['▸[1, 2]["a"]', "List index must be int, got 'string'"],
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

test('each expression of the table has one mark', () => {
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

test('property: compile() never throws, and a mistake has a message and an offset in the source', () => {
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
    { numRuns: rounds(1_500) },
  )
})
