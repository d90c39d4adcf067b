import assert from 'node:assert/strict'
import { createTables, type TableSource } from '../../src/lookups/tables.ts'
import { createRuleSet, type RuleSet } from '../../src/rules/evaluate.ts'
import { compileRules } from '../../src/rules/file/compile.ts'
import { parseRulesDocument } from '../../src/rules/file/document.ts'

interface HostileRule {
  readonly on?: readonly string[]
  readonly when?: string
  readonly target?: string
  readonly needs?: readonly string[]
  readonly set: Readonly<Record<string, string>>
}

/** Rules by name, covering all fields and functions. Each matches `friendly` of hostile-cases.ts. */
const rules: Readonly<Record<string, HostileRule>> = {
  always: { set: { always: '1', constructor: '2' } },
  fields: { set: { a: '${event.mediaType}${event.direction}${event.queueId}${event.userId}${event.topic}' } },
  ids: { set: { a: '${event.id}/${event.conversationId}/${event.participantId}/${event.type}' } },
  participant: { set: { a: '${participant.purpose}${participant.ani}${participant.externalId}' } },
  attributes: {
    when: '"tier" in event.attributes || event.attributes["a"] == "x"',
    set: { tier: '${event.attributes.tier}' },
  },
  'participant attributes': {
    when: 'participant.attributes["__proto__"] == "x" || participant.attributes.tier != ""',
    set: { b: '${participant.attributes.tier}' },
  },
  optional: {
    set: {
      b: '${participant.?attributes.?tier.orValue("none")}',
      c: '${default(event.body.text, "none")}${default(event.body.map["constructor"], 5)}',
    },
  },
  has: { when: 'has(event.body.map) && has(event.body.map.a)', set: { c: '${event.body.map.a}' } },
  equality: {
    when: 'event.body.map == event.body.same && event.body.list != event.body.map',
    set: { c: '${event.body.map == event.body.text} ${event.body.list in [event.body.map]}' },
  },
  order: {
    when: 'event.body.number > 0.5 && event.body.text < "z"',
    set: { d: '${event.body.number}' },
  },
  arithmetic: {
    set: {
      d: '${1 / size(event.body.list)} ${event.body.number * 2.0 - 1.5} ${-event.body.number}',
      e: '${size(event.id) % 7} ${int(event.body.digits) * int(event.body.digits) + 1}',
    },
  },
  sums: { set: { e: '${event.body.text + event.body.text}${size(event.body.list + event.body.list)}' } },
  conversions: {
    set: {
      e: '${int(event.body.digits)} ${uint(event.body.digits)} ${double(event.body.digits)}',
      f: '${string(event.body.number)} ${bool(event.body.flag)} ${size(bytes(event.body.text))}',
    },
  },
  index: { set: { f: '${event.body.list[0]}${event.body.list[size(event.body.list) - 1]}' } },
  loops: {
    when: 'event.body.list.exists(x, x == "a") && event.body.list.all(x, x != "z")',
    set: { f: '${event.body.list.filter(x, x > "a").map(x, x + "!").join(",")}' },
  },
  'nested loops': {
    when: 'event.body.list.all(x, event.body.list.exists(y, x == y))',
    set: { f: '${cel.bind(n, event.body.list, size(n + n))}' },
  },
  keys: {
    when: 'event.body.map.all(key, key != "__proto__") && event.body.map.exists_one(key, key == "a")',
    set: { f: '${event.body.map.map(key, key).join()}' },
  },
  pieces: {
    set: {
      g: '${event.body.text.split("e").join("-")}${event.body.text.substring(1)}',
      h: '${event.body.text.split("", 3).join()}${event.body.text.substring(0, 1)}',
    },
  },
  searches: {
    when: 'event.body.text.contains("e") && event.body.text.startsWith(event.body.text.trim())',
    set: { g: '${event.body.text.indexOf("e")}${event.body.text.lastIndexOf("e")}' },
  },
  cases: {
    set: {
      g: '${event.body.text.lower()}${event.body.text.upper()}',
      h: '${event.body.text.lowerAscii()}${event.body.text.upperAscii()}',
    },
  },
  patterns: {
    when: 'event.body.text.matches("^[^0]*(.*)+$")',
    set: {
      h: '${regex.extract(event.body.text, "([a-z]+)$")}',
      i: '${regex.replace(event.body.text, "(.)e", r"\\1\\0")}',
    },
  },
  phone: {
    when: 'e164(participant.address) != ""',
    set: {
      h: '${e164(participant.ani, "DE")}',
      i: '${countryOf(participant.address)}${countryOf(participant.ani, "US")}',
    },
  },
  hashes: { set: { h: '${hash(participant.address)}', i: '${hash(event.body.text, "salt")}' } },
  texts: { set: { i: "${json('[\"' + event.body.text + '\"]')[0]}" } },
  zones: {
    set: {
      i: '${timeOfDay(event.occurredAt, "Europe/Berlin")} ${dateOf(event.occurredAt, "Asia/Kolkata")}',
      j: '${weekday(event.occurredAt, "America/New_York")} ${startOf(event.occurredAt, "week", "UTC")}',
    },
  },
  getters: {
    set: {
      i: '${event.occurredAt.getHours("Europe/Berlin")}:${event.occurredAt.getMinutes("UTC")}',
      j: '${event.occurredAt.getSeconds("UTC")}.${event.occurredAt.getMilliseconds("UTC")}',
      k: '${event.occurredAt.getFullYear("UTC")}-${event.occurredAt.getMonth("UTC")}',
      l: '${event.occurredAt.getDate("UTC")} ${event.occurredAt.getDayOfMonth("UTC")}',
      m: '${event.occurredAt.getDayOfWeek("UTC")} ${event.occurredAt.getDayOfYear("UTC")}',
      n: '${event.occurredAt.getDayOfYear()} ${event.occurredAt.getHours()}',
    },
  },
  times: {
    when: 'event.occurredAt > timestamp("2026-01-01T00:00:00Z")',
    set: {
      j: '${string(event.occurredAt)} ${event.occurredAt + duration("90m")}',
      k: '${timestamp(event.body.when)} ${event.occurredAt - duration("1s")}',
    },
  },
  lookup: {
    when: 'lookup("customers", participant.address).tier == "gold"',
    set: { k: '${lookup("customers", participant.address)["name"]}${lookup("customers", "").missing}' },
  },
  'many lookups': {
    when: 'event.body.list.exists(x, lookup("orders", x).tier == "gold")',
    set: { k: '${lookup("orders", event.body.list[0]).name}' },
  },
  target: {
    target: 'candidate.purpose == "agent" && candidate.connected',
    set: { l: '${participant.address}' },
  },
  'hostile target': {
    target:
      'candidate.attributes["tier"] == event.body.text || candidate.name.matches("^A") || lookup("orders", candidate.externalId).tier == "gold"',
    set: { l: '2', always: '3' },
  },
  'late target': {
    target:
      'candidate.ended ? candidate.endTime > candidate.connectedTime : candidate.address.startsWith("tel:")',
    set: { l: '4' },
  },
  needs: { needs: ['participant'], when: 'participant.purpose != ""', set: { m: '${participant.userId}' } },
  'by topic': { on: ['customer.start', 'user.*'], set: { always: '5' } },
  'by type': { on: ['conversation:created'], set: { always: '6' } },
}
/** All expressions of the rules. */
export const sources = Object.values(rules).flatMap(({ when, target, set }) => [
  when,
  target,
  ...Object.values(set),
])

/** Returns a row, no row, a failure or `unknown`, depending on the key's length. */
const tableSource = (onError: TableSource['onError']): TableSource => ({
  columns: undefined,
  onError,
  peek: (key) => {
    if (key.length % 5 === 3) return { kind: 'failed', cause: 'timeout' }
    if (key.length % 5 === 4) return { kind: 'unknown' }
    return key.length % 2 === 0
      ? { kind: 'row', row: { tier: 'gold', name: key, constructor: 'x' } }
      : { kind: 'none' }
  },
  fetch: async () => {},
  close: () => {},
})

export function hostileRuleSet(): RuleSet {
  const file = {
    version: 1,
    rules: Object.entries(rules).map(([name, { on = ['*'], ...rule }]) => ({ name, on, ...rule })),
  }
  const parsed = parseRulesDocument(JSON.stringify(file))
  assert.ok(parsed.kind === 'ok')
  const tables = createTables(
    new Map([
      ['customers', tableSource('skip')],
      ['orders', tableSource('retry')],
    ]),
  )
  const compiled = compileRules(parsed.document, tables.known)
  assert.deepEqual([...parsed.document.problems, ...compiled.problems], [])
  return createRuleSet(compiled, tables, '1')
}
