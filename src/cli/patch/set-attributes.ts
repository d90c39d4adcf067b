import type { DirectCalls } from '../../deliver/direct-calls.ts'
import type { ConversationParticipant } from '../../event.ts'
import type { Answer } from '../../genesys/classify.ts'
import { CommandFailure } from '../command-failure.ts'
import { explain } from './explain.ts'
import { findParticipants, formatParticipant, type ParticipantView, viewOf } from './find-participants.ts'
import type { PatchRequest, Selector } from './request.ts'

/** The JSON document of the command; a failure adds `error`. */
export interface PatchResult {
  readonly conversationId: string
  /** Those that have the attributes now, or would get them in a dry run. */
  readonly participants: readonly ParticipantView[]
  readonly attributeNames: readonly string[]
  readonly dryRun: boolean
}

export interface SetAttributesDeps {
  readonly request: PatchRequest
  readonly calls: Pick<DirectCalls, 'readParticipants' | 'patchAttributes'>
  readonly apiUrl: string
  /** Called for each participant in turn. */
  readonly onSet: (participant: ParticipantView) => void
}

/** Reads the conversation and sets the attributes on the selected participants. Throws `CommandFailure`; the first failed call ends it. */
export async function setAttributes({
  request,
  calls,
  apiUrl,
  onSet,
}: SetAttributesDeps): Promise<PatchResult> {
  const { conversationId, attributes, dryRun, timeoutMs } = request
  const conversation = `conversation ${conversationId}`
  const done: ParticipantView[] = []
  const result = (): PatchResult => ({
    conversationId,
    participants: done,
    attributeNames: Object.keys(attributes),
    dryRun,
  })
  const failed = (answer: Exclude<Answer, { kind: 'ok' }>, call: 'read' | 'set', subject: string) =>
    new CommandFailure({
      ...explain({ answer, call, subject, apiUrl, timeoutMs }),
      document: { ...result() },
    })

  const { answer, participants = [] } = await calls.readParticipants(conversationId)
  if (answer.kind !== 'ok') throw failed(answer, 'read', conversation)
  for (const participant of select(participants, request, result)) {
    const { id } = participant
    if (!dryRun) {
      const set = await calls.patchAttributes({ conversationId, participantId: id }, attributes)
      if (set.kind !== 'ok') throw failed(set, 'set', `participant ${id} of ${conversation}`)
    }
    const view = viewOf(participant)
    done.push(view)
    onSet(view)
  }
  return result()
}

function select(
  participants: readonly ConversationParticipant[],
  { conversationId, selector, all }: PatchRequest,
  result: () => PatchResult,
): readonly ConversationParticipant[] {
  const found = findParticipants(participants, selector)
  if (found.length === 1 || (found.length > 1 && all)) return found
  const candidates = (found.length > 1 ? found : participants).map(viewOf)
  const shown = {
    list: candidates.map(formatParticipant),
    fields: { candidates },
    document: { ...result() },
  }
  if (found.length > 1)
    throw new CommandFailure({
      code: 'several_participants',
      message: `${found.length} participants of conversation ${conversationId} have ${describe(selector)}:`,
      remedy:
        'Nothing is set. Choose one with --participant ID, or set the attributes on all of them with --all.',
      ...shown,
    })
  const others =
    participants.length === 0 ? 'The conversation has no participants.' : 'The conversation has these:'
  throw new CommandFailure({
    code: 'participant_not_found',
    message: `No participant of conversation ${conversationId} has ${describe(selector)}. ${others}`,
    remedy: `Nothing is set. Check the conversation id and --${optionOf[selector.by]}.`,
    ...shown,
  })
}

const optionOf = { id: 'participant', externalId: 'external-id', purpose: 'purpose' } as const

/** An external id can be personal data, so it is not repeated. */
function describe(selector: Selector): string {
  if (selector.by === 'id') return `the id ${selector.id}`
  if (selector.by === 'purpose') return `the purpose ${JSON.stringify(selector.purpose)}`
  return 'this external id (field externalId, or else attribute target_identifier)'
}
