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
      'Either the event has no participantId and a rule without a target set attributes: let the relay send participantId, or give the rule a target. Or a rule has a target, and no participant of the conversation matches it: compare the target with the participants. Then replay: the rules in force decide again.',
  },
  forbidden: {
    title: 'Genesys Cloud denied access',
    remedy:
      'Give the OAuth client a role that applies to the division of the conversation; unless you choose divisions, a role applies only to the default one, Home. If the message of Genesys Cloud names a permission, the role needs it. Rules with target or needs: participant need conversation:communication:view. Then replay.',
  },
  rejected: {
    title: 'Genesys Cloud rejected the change',
    remedy:
      'Compare the message of Genesys Cloud with the values that the rules set. If a value is the cause, change its rule, or the data of its lookup; then replay. Otherwise, give the correlation id to Genesys Cloud support.',
  },
  expired: {
    title: 'Not delivered in time',
    remedy:
      'Find out why delivery was behind: see delivery and budget in /admin/status. EVENT_MAX_AGE_MS is the limit. Replay if the values are still wanted.',
  },
} as const

export type DeadLetterCode = keyof typeof deadLetterErrors
