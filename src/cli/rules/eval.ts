import { Command } from 'commander'
import type { EventFacts } from '../../enrich/decision.ts'
import type { RuleSet } from '../../enrich/evaluate.ts'
import { ConfigurationError } from '../../errors.ts'
import type { ConversationEvent, ConversationParticipant } from '../../event.ts'
import { readParticipants } from '../../genesys/participants.ts'
import { decideAsking } from './decide.ts'
import { type Evaluated, evaluated } from './evaluated.ts'
import { evaluatedInWords } from './evaluated-words.ts'
import { readEvents } from './read-events.ts'
import { readJson } from './read-json.ts'
import { fileArgument, requireRules, rulesFileOr } from './rules-file.ts'
import { quoted } from './words.ts'

interface EvalOptions {
  readonly event: string
  readonly participants?: string
  readonly json?: true
  readonly offline?: true
}

/** `rules eval`: what the rules make of one event, and why. */
export const evalCommand = (): Command =>
  new Command('eval')
    .description(
      'show what the rules make of an event, rule by rule, without sending anything to Genesys Cloud',
    )
    .addArgument(fileArgument())
    .requiredOption(
      '--event <file>',
      'the event as a relay sends it, in any envelope; - reads standard input',
    )
    .option('--participants <file>', 'who takes part: a list, or a conversation as the API answers it')
    .option('--json', 'print JSON')
    .option('--offline', 'do not ask lookups over HTTP')
    .action(evaluate)

async function evaluate(named: string | undefined, options: EvalOptions): Promise<void> {
  const content = await readJson(options.event)
  const participants = options.participants === undefined ? undefined : await readPeople(options.participants)
  const failures: string[] = []
  const { loaded } = await requireRules(rulesFileOr(named), {
    now: () => performance.now(),
    random: Math.random,
    onEvent: (event) => {
      if (event.kind === 'failure') failures.push(event.cause)
    },
  })
  try {
    const all: Evaluated[] = []
    const { events, ...aside } = eventsIn(content, options.event, loaded.rules)
    for (const read of events) all.push(await lookAt(read, loaded.rules, participants, options))
    const result = {
      events: all,
      ...Object.fromEntries(Object.entries(aside).filter(([, lines]) => lines.length > 0)),
    }
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : printed(all, aside))
    for (const cause of failures) process.stderr.write(`A lookup over HTTP has failed: ${cause}\n`)
  } finally {
    loaded.rules.close()
  }
}

function printed(
  all: readonly Evaluated[],
  { ignoredBy, oddFields, rejected }: Omit<ReadEvents, 'events'>,
): string {
  if (all.length + ignoredBy.length + rejected.length === 0)
    return 'No event of a conversation: the service would answer "ignored".\n'
  const blocks = [
    ...all.map((event) => evaluatedInWords(event).join('\n')),
    ...ignoredBy.map(
      (mapping) => `Mapping ${quoted(mapping)} ignores the item: the service would answer "ignored".`,
    ),
    ...section('Odd fields:', oddFields),
    ...section('Rejected:', rejected),
  ]
  return `${blocks.join('\n\n')}\n`
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[title, ...lines.map((line) => `  ${line}`)].join('\n')]

interface ReadEvent {
  readonly event: ConversationEvent
  readonly mapping: string | undefined
}

async function lookAt(
  { event, mapping }: ReadEvent,
  rules: RuleSet,
  participants: readonly ConversationParticipant[] | undefined,
  { offline }: EvalOptions,
): Promise<Evaluated> {
  const facts: EventFacts = { participants, known: new Map(), at: event.occurredAt ?? Date.now() }
  const decision = offline ? rules.evaluate(event, facts) : await decideAsking(rules, event, facts)
  const own = evaluated(event, rules.subscribes(event), decision, rules.explain(event, facts))
  return mapping === undefined ? own : { ...own, mapping }
}

interface ReadEvents {
  readonly events: readonly ReadEvent[]
  /** The mappings that ignore an item, one for each such item. */
  readonly ignoredBy: readonly string[]
  readonly oddFields: readonly string[]
  readonly rejected: readonly string[]
}

/** Reads one item, or each item of a list: the service takes both. */
function eventsIn(content: unknown, file: string, { mapItem }: RuleSet): ReadEvents {
  const items: readonly unknown[] = Array.isArray(content) ? content : [content]
  const reads = items.map((item) => {
    const read = readEvents(item, mapItem)
    if (read.kind === 'events') return read
    throw new ConfigurationError(`${file} is no event that the service accepts`, read.problems)
  })
  return {
    events: reads.flatMap(({ events, mapping }) => events.map((event) => ({ event, mapping }))),
    ignoredBy: reads.flatMap(({ events, mapping }) =>
      events.length > 0 || mapping === undefined ? [] : [mapping],
    ),
    oddFields: [...new Set(reads.flatMap(({ oddFields }) => oddFields))],
    rejected: reads.flatMap(({ rejected }) => rejected),
  }
}

async function readPeople(file: string): Promise<readonly ConversationParticipant[]> {
  const content = await readJson(file)
  const list =
    typeof content === 'object' && content !== null && 'participants' in content
      ? content.participants
      : content
  const participants = readParticipants(list)
  if (participants !== undefined && Array.isArray(list) && participants.length === list.length)
    return participants
  throw new ConfigurationError(`${file} is no list of participants`, [
    'it must be a list, or have one as participants; each participant needs an id',
  ])
}
