import type { EventState } from '../../inbox/inbox.ts'
import { CommandFailure } from '../command-failure.ts'

/** The failure of a command that needs a dead letter, for an event with another state. */
export const notADeadLetter = ({
  id,
  state,
}: {
  readonly id: string
  readonly state: EventState
}): CommandFailure =>
  new CommandFailure({
    code: 'event_not_found',
    message: `${id} is ${state}, not a dead letter`,
    remedy: `See what happened to it: genesys-enricher events show ${id}`,
  })
