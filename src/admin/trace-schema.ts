import { z } from 'zod'
import type { Trace } from '../rules/trace.ts'

const names = z.array(z.string())
const code = z.string().describe('The reason.')

/** Why a rule could not be decided. */
export const undecidedFields = {
  missing: names.exactOptional().describe('The missing fields: `event.topic`.'),
  unusable: names
    .exactOptional()
    .describe('The fields whose values the rule cannot use, such as those of the wrong type.'),
}

/** The result of each rule for an event, without values. */
export const trace = z.object({
  rules: z.array(
    z.object({
      rule: z.string(),
      result: z.enum({
        matched: 'matched',
        unmatched: 'unmatched',
        undecided: 'undecided',
        needs: 'needs',
        blocked: 'blocked',
        not_listening: 'not_listening',
      } satisfies { [Result in Trace['rules'][number]['result']]: Result }),
      because: z.string().exactOptional().describe('The first part of the condition that was not true.'),
      code: code.exactOptional(),
      ...undecidedFields,
      names: z
        .array(z.object({ name: z.string(), code: code.exactOptional() }))
        .exactOptional()
        .describe('The names of `let` that the rule used. `code`: why a name has no value.'),
      needs: names.exactOptional().describe('The data that must be fetched first.'),
      candidates: z
        .array(
          z.object({
            id: z.string(),
            purpose: z.string().exactOptional(),
            state: z.enum(['connected', 'ended', 'not_connected']),
            fits: z.boolean(),
          }),
        )
        .exactOptional()
        .describe('For a rule with a target: the participants in order of evaluation.'),
      sets: names.exactOptional().describe('Attribute names.'),
      participantId: z.string().exactOptional(),
    }),
  ),
  attributes: z.array(
    z.object({
      participantId: z.string(),
      attribute: z.string(),
      rule: z.string().describe('The rule that set the final value.'),
      overruled: names,
    }),
  ),
})
