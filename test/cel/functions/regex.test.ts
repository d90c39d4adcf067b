import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated, failureOf, mistakeOf } from '../../helpers/expressions.ts'

const event = conversationEvent({
  body: { text: 'Ann <ann@example.com>, +1 (317) 555-0100', blank: '', number: 5, emoji: 'a😀b' },
})

for (const [source, expected] of [
  ['event.body.text.matches("Ann")', true],
  ['event.body.text.matches("^ann")', false],
  ['event.body.text.matches("(?i)^ANN")', true],
  ['event.body.text.matches(r"^\\w+ <\\S+>")', true],
  ['event.body.blank.matches("^$")', true],
  ['"tel:+13175550100".matches("^tel:\\\\+1317")', true],
  ['event.body.emoji.matches("^a.b$")', true],
  ['regex.extract(event.body.text, "<([^>]*)>")', 'ann@example.com'],
  ['regex.extract(event.body.text, "[0-9]+")', '1'],
  ['regex.extract(event.body.text, "[0-9]{9}")', ''],
  ['regex.extract(event.body.text, "Ann( Smith)?")', ''],
  ['regex.extract(event.body.text, "(?:a|b)n")', 'an'],
  ['regex.replace(event.body.text, "[^0-9+]", "")', '+13175550100'],
  ['regex.replace("a-b-c", "-", "+")', 'a+b+c'],
  ['regex.replace("Smith, Ann", "(\\\\w+), (\\\\w+)", "\\\\2 \\\\1")', 'Ann Smith'],
  ['regex.replace("abc", "b", "[\\\\0]")', 'a[b]c'],
  ['regex.replace("abc", "b", r"\\\\")', 'a\\c'],
  ['regex.replace("abc", "b", "$0")', 'a$0c'],
  ['regex.replace("abc", "x*", "-")', '-a-b-c-'],
  ['regex.replace("abc", "(x)?b", "[\\\\1]")', 'a[]c'],
  ['regex.replace("", "x", "y")', ''],
] as const) {
  test(`${source} is ${expected}`, () => assert.equal(evaluated(source, { event }), expected))
}

for (const [source, marked, message] of [
  ['"x".matches("(")', '"("', /^the pattern is not correct: missing closing \)/],
  ['"x".matches("a{2000}")', '"a{2000}"', /^the pattern is not correct: invalid repeat count/],
  ['"x".matches("((a{30}){30}){30}")', '"((a{', /^the pattern is not correct/],
  ['"x".matches("(a{40}){25}")', '"(a{40}', /^the pattern is too large/],
  [`"x".matches("${'a'.repeat(501)}")`, '"aaa', /^the pattern is longer than 500 characters$/],
  ['"x".matches("a(?=b)")', '"a(?', /RE2 has no lookahead and lookbehind/],
  ['"x".matches("(?<!a)b")', '"(?<', /RE2 has no lookahead and lookbehind/],
  ['"x".matches("(a)\\\\1")', '"(a)', /^the pattern is not correct/],
  ['"x".matches(event.id)', 'event.id', /^matches\(\) needs a quoted text here/],
  ['event.body.list.exists(p, event.id.matches(p))', 'p))', /^matches\(\) needs a quoted text here/],
  ['cel.bind(p, "x", event.id.matches(p))', 'p))', /^matches\(\) needs a quoted text here/],
  ['regex.extract("x", event.id)', 'event.id', /^extract\(\) needs a quoted text here/],
  ['regex.extract("x", "(a)(b)")', '"(a)(b)"', /^extract\(\) returns one group/],
  ['regex.extract("x", "(")', '"("', /^the pattern is not correct/],
  ['regex.replace("x", "a", event.id)', 'event.id', /^replace\(\) needs a quoted text here/],
  ['regex.replace("x", "(a)", r"\\2")', 'r"\\2"', /^\\2 refers to a group that the pattern does not have$/],
  ['regex.replace("x", "(a)", r"\\n")', 'r"\\n"', /^a backslash in a replacement needs a digit/],
  ['regex.replace("x", "(a)", "\\\\")', '"\\\\"', /^a backslash in a replacement needs a digit/],
] as const) {
  test(`${source.slice(0, 60)} does not compile`, () => {
    const mistake = mistakeOf(source)
    assert.match(mistake.message, message)
    assert.ok(source.slice(mistake.offset).startsWith(marked), source.slice(mistake.offset))
  })
}

test('matches() fails for a value that is not a string', () => {
  assert.equal(failureOf('event.body.number.matches("5")', { event }), 'no_matching_overload')
})

test('patterns that would hang a backtracking engine are fast', () => {
  const hostile = conversationEvent({ body: { text: `${'a'.repeat(5_000)}!` } })
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(a|a?)+$', '([a-z]+)*$', '(.*a){20}$']) {
    const source = `event.body.text.matches("^${pattern}")`
    assert.equal(evaluated(source, { event: hostile }), false, pattern)
  }
})

test('the steps of a pattern are limited by text, pattern size and replaced matches', () => {
  const long = conversationEvent({
    body: { text: 'a'.repeat(1_048_576), some: 'a'.repeat(2_000), few: 'a'.repeat(700) },
  })
  assert.equal(evaluated('event.body.text.matches("b")', { event: long }), false)
  for (const source of [
    'event.body.text.matches("(?i)(?:[a-z]{1,20} ){5}[0-9]")',
    'regex.extract(event.body.text, "[a-z]{5,100}[0-9]")',
    'regex.replace(event.body.text, "a", "b")',
    'regex.replace(event.body.some, "a.*b|a", "b")',
  ])
    assert.equal(failureOf(source, { event: long }), 'too_costly', source)
  const longer = `regex.replace(event.body.few, "a", "${'b'.repeat(2_000)}")`
  assert.equal(failureOf(longer, { event: long }), 'too_long')
})

test('property: regex.replace equals String.replace for common syntax', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '😀') })
  const patterns = ['a', 'a+', '[ab]', '(a)(b)?', '1|a', 'a*', '^a', 'b$', '.'] as const
  const compiledPatterns = patterns.map(
    (pattern) => [pattern, compiled(`regex.replace(event.id, "${pattern}", "<\\\\0>")`)] as const,
  )
  fc.assert(
    fc.property(text, fc.constantFrom(...compiledPatterns), (text, [pattern]) => {
      const source = `regex.replace(event.id, "${pattern}", "<\\\\0>")`
      assert.equal(
        evaluated(source, { event: conversationEvent({ id: text }) }),
        text.replace(new RegExp(pattern, 'gu'), '<$&>'),
      )
    }),
  )
})
