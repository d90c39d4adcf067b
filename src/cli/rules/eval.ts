import { Command } from 'commander'
import { loadEnvFile, readProxyConfig } from '../../config/config.ts'
import { ConfigurationError } from '../../errors.ts'
import type { ConversationParticipant } from '../../event.ts'
import { readParticipants } from '../../genesys/participants.ts'
import { openProxy } from '../../http/open-proxy.ts'
import type { OutgoingProxy } from '../../http/outgoing-proxy.ts'
import { decideWithLookups } from '../../rules/decide-with-lookups.ts'
import type { EventFacts } from '../../rules/decision.ts'
import type { RuleSet } from '../../rules/evaluate.ts'
import { formatDocument, quoted } from '../format.ts'
import { escapeControls, print, printNote } from '../output.ts'
import { type Evaluation, formatEvaluation, toEvaluation } from './evaluation.ts'
import { eventsIn, type ReadEvents, readItems, readJson } from './read-events.ts'
import { fileArgument, loadRulesFile, resolveRulesFile } from './rules-file.ts'

interface EvalOptions {
  readonly event: string
  readonly participants?: string
  readonly json?: true
  readonly offline?: true
}

/** `rules eval`: prints the decision of each rule for an event, with the reason. */
export const evalCommand = (): Command =>
  new Command('eval')
    .description('evaluate an event rule by rule, without calling Genesys Cloud')
    .addArgument(fileArgument())
    .requiredOption(
      '--event <file>',
      'the event in any envelope, as a relay sends it; - reads standard input',
    )
    .option('--participants <file>', "the participants: a list, or the API's response for the conversation")
    .option('--json', 'print JSON')
    .option('--offline', 'do not call HTTP lookups')
    .action(evaluate)

async function evaluate(named: string | undefined, options: EvalOptions): Promise<void> {
  const body = await readItems(options.event)
  const participants =
    options.participants === undefined ? undefined : await readParticipantsFile(options.participants)
  const failures: string[] = []
  const { loaded } = await loadRulesFile(resolveRulesFile(named), {
    now: () => performance.now(),
    random: Math.random,
    failuresOf: (table) => (cause) => failures.push(`${table}: ${cause}`),
    proxy: await openConfiguredProxy(),
  })
  try {
    const all: Evaluation[] = []
    const { events, ...notes } = eventsIn(body, options.event, loaded.rules.mapItem)
    for (const read of events) all.push(await evaluateEvent(read, loaded.rules, participants, options))
    const result = {
      events: all,
      ...Object.fromEntries(Object.entries(notes).filter(([, lines]) => lines.length > 0)),
    }
    print(options.json ? formatDocument(result) : formatResult(all, notes))
    for (const failure of failures) printNote(`HTTP lookup failed: ${escapeControls(failure)}\n`)
  } finally {
    loaded.rules.close()
  }
}

/** Like the service, `rules eval` calls HTTP lookups through the proxy. Throws `ConfigurationError`. */
async function openConfiguredProxy(): Promise<OutgoingProxy | undefined> {
  const read = readProxyConfig(loadEnvFile())
  if (read.kind === 'invalid') throw new ConfigurationError('The proxy is not valid', read.problems)
  return openProxy(read.config.proxy)
}

function formatResult(
  all: readonly Evaluation[],
  { ignoredBy, oddFields, rejected }: Omit<ReadEvents, 'events'>,
): string {
  if (all.length + ignoredBy.length + rejected.length === 0)
    return 'Not a conversation event: the service would answer "ignored".\n'
  const blocks = [
    ...all.map((event) => formatEvaluation(event).map(escapeControls).join('\n')),
    ...ignoredBy.map(
      (mapping) => `Mapping ${quoted(mapping)} ignores the item: the service would answer "ignored".`,
    ),
    ...section('Odd fields:', oddFields),
    ...section('Rejected:', rejected),
  ]
  return `${blocks.join('\n\n')}\n`
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[title, ...lines.map((line) => `  ${escapeControls(line)}`)].join('\n')]

async function evaluateEvent(
  { event, mapping }: ReadEvents['events'][number],
  rules: RuleSet,
  participants: readonly ConversationParticipant[] | undefined,
  { offline }: EvalOptions,
): Promise<Evaluation> {
  const facts: EventFacts = { participants, known: new Map(), at: event.occurredAt ?? Date.now() }
  const decision = offline ? rules.evaluate(event, facts) : await decideWithLookups(rules, event, facts)
  return { ...toEvaluation(rules, event, facts, decision), ...(mapping !== undefined && { mapping }) }
}

async function readParticipantsFile(file: string): Promise<readonly ConversationParticipant[]> {
  const content = await readJson(file)
  const list =
    typeof content === 'object' && content !== null && 'participants' in content
      ? content.participants
      : content
  const participants = readParticipants(list)
  if (participants !== undefined && Array.isArray(list) && participants.length === list.length)
    return participants
  throw new ConfigurationError(`${file} is not a list of participants`, [
    'must be a list, or an object whose "participants" is a list; each participant needs an id',
  ])
}
