import { openBracket, type Token, tokensOf } from '../syntax/tokens.ts'
import type { Description, KnownNames, LibraryMistake } from './mistake.ts'
import { tooLarge } from './too-large.ts'

/** Words of other languages, by what CEL has for them. */
const operatorWords: Readonly<Record<string, string>> = {
  and: '&&',
  or: '||',
  not: '!',
  is: '==',
  eq: '==',
  equals: '==',
  ne: '!=',
  isnt: '!=',
}
const choice = 'a choice is written condition ? value : other value'
const escapes = new Set([
  'invalid_escape_sequence',
  'invalid_hex_escape',
  'invalid_octal_escape',
  'octal_escape_out_of_range',
  'invalid_unicode_escape',
  'invalid_unicode_surrogate',
  'bytes_unicode_escape',
])

/** Around the place where the library could not read on. */
interface Place {
  readonly source: string
  readonly offset: number
  readonly before: readonly Token[]
  readonly previous: Token | undefined
  /** undefined at the end. */
  readonly token: Token | undefined
  readonly next: Token | undefined
}

/** What is wrong with an expression that cannot be read. */
export function describeSpelling(
  { code, offset }: LibraryMistake,
  source: string,
  names: KnownNames,
): Description | undefined {
  const tokens = tokensOf(source)
  const at = tokens.findIndex(({ end }) => end > offset)
  const before = at === -1 ? tokens : tokens.slice(0, at)
  const place = {
    ...{ source, offset, before, previous: before.at(-1) },
    ...{ token: tokens[before.length], next: tokens[before.length + 1] },
  }
  if (escapes.has(code))
    return say(
      'this backslash has no meaning: write \\\\ for one, or r before the quote if there are many',
      offset,
    )
  switch (code) {
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return say('this quote is never closed', unclosedText(tokens)?.start ?? offset)
    case 'newline_in_string':
      return say(
        'this quote is not closed on its line: quote a text of several lines with """',
        unclosedText(tokens)?.start ?? offset,
      )
    case 'reserved_identifier':
      return place.token?.text === 'if'
        ? say(choice, offset)
        : say(`${quoted(place.token)} is a word of the language, and no name`, offset)
    case 'limit_exceeded':
      return say(tooLarge, offset)
    case 'unexpected_character':
      return describeSign(place) ?? describeWord(place, names) ?? describeSurplus(place)
    case 'expected_token':
      return describeWord(place, names) ?? describeLacking(place)
    case 'unexpected_token':
      return describeGap(place)
    default:
      return undefined
  }
}

const say = (message: string, offset: number): Description => ({ message, offset })
const unclosedText = (tokens: readonly Token[]): Token | undefined => tokens.find(({ closed }) => !closed)
const quoted = (token: Token | undefined): string =>
  token === undefined ? 'the end' : token.text.length > 20 ? `${token.text.slice(0, 20)}…` : token.text

/** Signs that CEL does not have, or not like this. */
function describeSign({ source, offset, previous }: Place): Description | undefined {
  const sign = String.fromCodePoint(source.codePointAt(offset) ?? 0)
  const pair = source.slice(offset, offset + 2)
  const adjacent = previous?.end === offset ? previous.text : ''
  if (sign === '=' && (adjacent === '==' || adjacent === '!='))
    return say(`${adjacent}= must be ${adjacent}`, offset - 2)
  if (pair === '=>' || pair === '=<') return say(`${pair} must be ${pair === '=>' ? '>=' : '<='}`, offset)
  if (sign === '=') return say('= must be ==: two signs compare', offset)
  if (sign === '&' || sign === '|') return say(`${sign} must be ${sign}${sign}`, offset)
  if (/[“”„‟«»‘’‚‹›]/.test(sign))
    return say(`${sign} is a typographic quote: a text stands between straight ones, "`, offset)
  if (sign === '`') return say('a text stands between quotes, "', offset)
  if (sign === '$') return say('${ } has no place here: what stands here is an expression already', offset)
  if (sign === '#') return say('a comment begins with //', offset)
  if (/[\p{Z}\p{C}]/u.test(sign)) {
    const number = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return say(`an invisible character (U+${number}) stands here: type a normal space`, offset)
  }
  if (/[^\p{ASCII}]|[;@\\^~]/u.test(sign)) return say(`${sign} can stand only in a quoted text`, offset)
  return undefined
}

/** Words that stand where an operator is expected. */
function describeWord({ token, previous, next }: Place, { functions }: KnownNames): Description | undefined {
  if (previous?.kind === 'word' && previous.text.toLowerCase() === 'not')
    return say(`${previous.text} must be !`, previous.start)
  if (token?.kind !== 'word') return undefined
  const word = token.text.toLowerCase()
  if (word === 'not' && next?.text === 'in')
    return say('not in is written with ! before it all: !(a in b)', token.start)
  const operator = Object.hasOwn(operatorWords, word) ? operatorWords[word] : undefined
  if (operator !== undefined) return say(`${token.text} must be ${operator}`, token.start)
  if (word === 'then' || word === 'else') return say(choice, token.start)
  if (functions.some(({ name, receiver }) => name === token.text && receiver === 'string'))
    return say(
      `${token.text} is written with a dot before it and parentheses after it: text.${token.text}( )`,
      token.start,
    )
  return undefined
}

/** Something follows an expression that is complete. */
function describeSurplus({ token, previous, offset }: Place): Description {
  if (token !== undefined && ')]}'.includes(token.text))
    return say(`this ${token.text} closes nothing: no ${'([{'[')]}'.indexOf(token.text)]} was opened`, offset)
  if (token?.kind === 'word' && previous?.kind === 'text' && previous.end === offset)
    return say(
      `the text ends before ${quoted(token)}: a quote inside of it is written with a backslash, \\${previous.text.at(-1)}`,
      offset,
    )
  return say(
    `${quoted(token)} cannot follow here: is an operator such as == or && missing before it?`,
    offset,
  )
}

/** Something else is needed before an expression can go on. */
function describeLacking({ token, previous, before, offset }: Place): Description | undefined {
  if (previous?.text === '.' || previous?.text === '?')
    return say(
      token?.kind === 'word'
        ? `${token.text} cannot follow a dot: write ["${token.text}"]`
        : 'a name is missing after the dot',
      offset,
    )
  const bracket = openBracket(before)
  if (bracket !== undefined && (token === undefined || ')]}'.includes(token.text)))
    return say(`this ${bracket.text} is never closed`, bracket.start)
  if (bracket !== undefined && !before.some(({ text }) => text === '?'))
    return say(
      `${quoted(token)} cannot follow here: is an operator, a comma or ${')]}'['([{'.indexOf(bracket.text)]} missing before it?`,
      offset,
    )
  return before.some(({ text }) => text === '?') ? say(choice, offset) : undefined
}

/** A value is missing. */
function describeGap({ token, previous, before, offset }: Place): Description {
  if (token?.text === '>' && previous?.text === '<') return say('<> must be !=', previous.start)
  const bracket = openBracket(before)
  if (previous === undefined)
    return say(
      token === undefined ? 'an expression is missing' : `something is missing before ${quoted(token)}`,
      offset,
    )
  if (token === undefined && bracket !== undefined && (previous === bracket || previous.text === ','))
    return say(`this ${bracket.text} is never closed`, bracket.start)
  return say(`something is missing between ${quoted(previous)} and ${quoted(token)}`, offset)
}
