/** The codes of dead letters. Part of the catalogue in errors.ts. */
export const deadLetterErrors = {
  not_found: {
    title: 'Conversation or participant not found',
    remedy:
      'Check that the ids belong to this org and region, and that the OAuth client has a role in the division of the conversation; then replay.',
  },
  participant_not_found: {
    title: 'No participant to set the attributes on',
    remedy:
      'Either the event has no participantId and a rule without a target set attributes: let the relay send participantId, or give the rule a target. Or no participant of the conversation matches the target of the rules named in the detail. Then replay: the rules in force decide again.',
  },
  forbidden: {
    title: 'Genesys Cloud denied access',
    remedy:
      'Give the OAuth client a role in the division of the conversation (the default is the Home division), with the permission that the detail names, if any; then replay.',
  },
  rejected: {
    title: 'Genesys Cloud rejected the change',
    remedy:
      'The detail has the code and message of Genesys Cloud. Change the rule that sets the value that it names, or the data of its lookup; then replay. If it names no value, give the correlation id to Genesys Cloud support.',
  },
  expired: {
    title: 'Not delivered in time',
    remedy:
      'Find out why delivery was behind: see delivery and budget in /admin/status. EVENT_MAX_AGE_MS is the limit. Replay if the values are still wanted.',
  },
} as const

export type DeadLetterCode = keyof typeof deadLetterErrors
