import { ConfigurationError } from '../../errors.ts'
import type { DeadLetterMatch } from '../../inbox/inbox.ts'
import { lowerCaseUuid } from '../../values/normal-forms.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { count, formatTime, quoted } from '../format.ts'

/** Dead letters to replay or drop. `since` is epoch ms, as in the inbox. */
export type Selection = { readonly ids: readonly string[] } | { readonly all: true } | DeadLetterMatch

export interface MatchOptions {
  readonly code?: string | undefined
  readonly rule?: string | undefined
  readonly conversation?: string | undefined
  /** Epoch ms. */
  readonly since?: number | undefined
}

export interface SelectionOptions extends MatchOptions {
  readonly all?: true
}

export const readMatch = ({ code, rule, conversation, since }: MatchOptions): DeadLetterMatch =>
  withoutUndefined({ code, rule, since, conversationId: conversation && lowerCaseUuid(conversation) })

/** Reads which dead letters to change. Throws `ConfigurationError`. */
export function readSelection(
  ids: readonly string[],
  { code, rule, conversation, since, all }: SelectionOptions,
): Selection {
  const match = readMatch({ code, rule, conversation, since })
  const given = [ids.length > 0, Object.keys(match).length > 0, all].filter(Boolean).length
  if (given !== 1)
    throw new ConfigurationError('Nothing is changed: the options are not valid', [
      'give ids, or at least one of --code, --rule, --conversation and --since, or --all: "dead-letters list" shows ids and codes',
    ])
  if (all) return { all }
  return ids.length > 0 ? { ids: [...new Set(ids)] } : match
}

/** `all dead letters`, `all dead letters with the code "forbidden" since 2026-01-31T09:30:00Z`, `2 dead letters`. */
export function formatSelection(selection: Selection): string {
  if ('all' in selection) return 'all dead letters'
  if ('ids' in selection) return count(selection.ids.length, 'dead letter')
  const { code, rule, conversationId, since } = selection
  return [
    'all dead letters',
    ...(code === undefined ? [] : [`with the code ${quoted(code)}`]),
    ...(rule === undefined ? [] : [`of rule ${quoted(rule)}`]),
    ...(conversationId === undefined ? [] : [`of conversation ${conversationId}`]),
    ...(since === undefined ? [] : [`since ${formatTime(new Date(since).toISOString())}`]),
  ].join(' ')
}
