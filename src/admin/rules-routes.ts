import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.ts'
import { count, jsonAnswer, withExamples } from '../http/answer-schemas.ts'
import { priorities } from '../inbox/inbox.ts'
import { eventExamples } from '../ingest/event-examples.ts'
import type { Details } from '../metrics/totals.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { hideSecrets } from '../rules/file/hide-secrets.ts'
import { compileRulesText } from '../rules/load-rules.ts'
import type { RulesInForce } from '../rules/rules-in-force.ts'
import { evaluation } from './admin-schemas.ts'
import { evaluateEvent, evaluationRequest } from './evaluate-event.ts'
import { isoTime } from './event-views.ts'
import { common, problems } from './route-schemas.ts'

export interface RulesRoutesDeps {
  readonly rules: () => RuleSet
  readonly rulesInForce: Pick<RulesInForce, 'source' | 'status'>
  readonly details: Pick<Details, 'matched' | 'undecided' | 'failed'>
  readonly now: () => number
}

const names = z.array(z.string())
const priorityNames = Object.keys(priorities) as [keyof typeof priorities, ...(keyof typeof priorities)[]]

export const rulesAnswer = z
  .object({
    version: z.string().describe('A hash of the rules file and its tables.'),
    loadedAt: z.iso.datetime(),
    stale: z.boolean().describe('Whether the file has changed and is not valid.'),
    rules: z.array(
      z.object({
        name: z.string(),
        on: names,
        when: z.string().nullable(),
        target: z.string().nullable(),
        priority: z.enum(priorityNames),
        sets: names.describe('Attribute names.'),
        matched: count.describe('Evaluations that matched, since the process started.'),
        undecided: count.describe('Evaluations without a result, usually because a field is missing.'),
        failed: count.describe(
          'Of these, the ones that failed although no field was missing; and evaluations that wait for a lookup or a target.',
        ),
      }),
    ),
    tables: names.describe('Names of the lookups.'),
    text: z
      .string()
      .describe('The rules file. URLs and headers of HTTP lookups are hidden, since they may be secret.'),
  })
  .meta({ id: 'RulesInForce', description: 'The rules in force.' })

const getRules = {
  ...common,
  operationId: 'getRules',
  summary: 'The rules in force',
  response: { 200: jsonAnswer('The rules, with counts per rule.', rulesAnswer), ...problems() },
}

const examples = {
  canonical: {
    summary: 'A canonical event',
    value: { event: eventExamples.canonical?.value, participants: [] },
  },
}

const evaluateRules = {
  ...common,
  operationId: 'evaluateRules',
  summary: 'Evaluate the rules for an event (dry run)',
  description:
    'Stores and sends nothing. Calls HTTP lookups, but not Genesys Cloud: `participants` replaces its response. Without `participants` and `rules`, the body may be the event itself.',
  body: withExamples(evaluationRequest, examples),
  response: {
    200: jsonAnswer('The decision, with attribute values.', evaluation),
    ...problems(
      'invalid_request',
      'payload_too_large',
      'unsupported_media_type',
      'no_acceptable_event',
      'rules_not_valid',
    ),
  },
}

export function registerRulesRoutes(server: FastifyInstance, deps: RulesRoutesDeps): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()

  routes.get('/admin/rules', { schema: getRules }, async () => {
    const { text, compiled, tables } = deps.rulesInForce.source()
    const { version, loadedAt, stale } = deps.rulesInForce.status()
    const { matched, undecided, failed } = deps.details
    return {
      version,
      loadedAt: isoTime(loadedAt),
      stale,
      rules: compiled.rules.map(({ name, on, when, target, priority, set }) => ({
        name,
        on,
        when: when?.source ?? null,
        target: target?.source ?? null,
        priority: priorityNames.find((each) => priorities[each] === priority),
        sets: set.map(({ attribute }) => attribute),
        matched: matched.get(name) ?? 0,
        undecided: undecided.get(name) ?? 0,
        failed: failed.get(name) ?? 0,
      })),
      tables: [...tables.keys()],
      text: hideSecrets(text),
    }
  })

  routes.post('/admin/rules/evaluate', { schema: evaluateRules }, async ({ body: { rules, ...request } }) =>
    evaluateEvent(request, rules === undefined ? deps.rules() : compile(rules), deps.now()),
  )

  /** The tables stay open: they are those of the rules in force. */
  function compile(text: string): RuleSet {
    const result = compileRulesText(text, 'rules', deps.rulesInForce.source().tables)
    if (result.kind === 'ok') return result.rules
    throw new Problem('rules_not_valid', undefined, {
      errors: result.problems.slice(0, maxProblems).map((message) => ({ path: 'rules', message })),
    })
  }
}

const maxProblems = 50
