import { ConfigurationError } from '../../errors.ts'
import type { Selection } from '../admin/answers.ts'
import { count, quoted } from '../format.ts'

export interface SelectionOptions {
  readonly code?: string
  readonly all?: true
}

/** Reads which dead letters to change. Throws `ConfigurationError`. */
export function readSelection(ids: readonly string[], { code, all }: SelectionOptions): Selection {
  const given = [ids.length > 0, code !== undefined, all].filter(Boolean).length
  if (given !== 1)
    throw new ConfigurationError('Nothing is changed: the options are not valid', [
      'exactly one of ids, --code and --all is required: "dead-letters list" shows ids and codes',
    ])
  if (all) return { all }
  return code === undefined ? { ids: [...new Set(ids)] } : { code }
}

/** `all dead letters`, `all dead letters with the code forbidden`, `2 dead letters`. */
export function formatSelection(selection: Selection): string {
  if ('all' in selection) return 'all dead letters'
  if ('code' in selection) return `all dead letters with the code ${quoted(selection.code)}`
  return count(selection.ids.length, 'dead letter')
}
