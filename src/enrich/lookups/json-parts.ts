/** A key and a value, or an item of a list: where they stand. */
export interface JsonPart {
  /** In maps only. */
  readonly key: string | undefined
  readonly from: number
  readonly to: number
}

/** Not JSON from here on. */
export class JsonMistake extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const code = (character: string): number => character.charCodeAt(0)
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')]
const [openMap, closeMap, openList, closeList] = [code('{'), code('}'), code('['), code(']')]

export const isMapAt = (bytes: Buffer, at: number): boolean => bytes[at] === openMap
export const isListAt = (bytes: Buffer, at: number): boolean => bytes[at] === openList

/**
 * The parts of a JSON map or list, one by one: unlike JSON.parse it stops nobody for long, and it sees keys that stand
 * twice. Returns where the map or list ends; throws JsonMistake. What is inside of values is not looked at.
 */
export function* jsonParts(bytes: Buffer, open: number): Generator<JsonPart, number> {
  const isMap = isMapAt(bytes, open)
  const close = isMap ? closeMap : closeList
  let at = skipSpace(bytes, open + 1)
  if (bytes[at] === close) return at + 1
  for (;;) {
    let key: string | undefined
    if (isMap) {
      if (bytes[at] !== quote) throw new JsonMistake('a key in double quotes is missing', at)
      const end = endOfText(bytes, at)
      key = textAt(bytes, at, end)
      at = skipSpace(bytes, end)
      if (bytes[at] !== colon) throw new JsonMistake('a colon is missing', at)
      at = skipSpace(bytes, at + 1)
    }
    const to = endOfValue(bytes, at)
    yield { key, from: at, to }
    at = skipSpace(bytes, to)
    if (bytes[at] === close) return at + 1
    if (bytes[at] !== comma)
      throw new JsonMistake(`a comma or the closing ${isMap ? '}' : ']'} is missing`, at)
    at = skipSpace(bytes, at + 1)
  }
}

export function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  for (; ; at += 1) {
    const byte = bytes[at]
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return at
  }
}

/** A text, number, truth value or null as text, numbers as they are written; throws JsonMistake. */
export function scalarAt(bytes: Buffer, from: number, to: number): string {
  if (bytes[from] === quote) return textAt(bytes, from, to)
  const written = bytes.toString('latin1', from, to)
  if (written === 'null') return ''
  if (written === 'true' || written === 'false') return written
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(written)) return written
  throw new JsonMistake('is no value: text stands in double quotes', from)
}

function textAt(bytes: Buffer, from: number, to: number): string {
  try {
    return String(JSON.parse(bytes.toString('utf8', from, to)))
  } catch {
    throw new JsonMistake('is no text: a line break, or a backslash that stands for nothing', from)
  }
}

function endOfText(bytes: Buffer, open: number): number {
  for (let from = open + 1; ; ) {
    const end = bytes.indexOf(quote, from)
    if (end === -1) throw new JsonMistake('a quote is never closed', open)
    let backslashes = 0
    while (bytes[end - 1 - backslashes] === backslash) backslashes += 1
    if (backslashes % 2 === 0) return end + 1
    from = end + 1
  }
}

function endOfValue(bytes: Buffer, from: number): number {
  if (bytes[from] === quote) return endOfText(bytes, from)
  let depth = 0
  for (let at = from; at < bytes.length; ) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfText(bytes, at)
      continue
    }
    if (byte === openMap || byte === openList) depth += 1
    else if (byte === closeMap || byte === closeList) {
      // Of what the value stands in.
      if (depth === 0) return at
      depth -= 1
      if (depth === 0) return at + 1
    } else if (depth === 0 && (byte === comma || byte === 32 || byte === 10 || byte === 13 || byte === 9))
      return at
    at += 1
  }
  throw new JsonMistake('is cut off: a value is missing, or a bracket is never closed', from)
}
