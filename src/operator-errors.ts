/** The codes of what operators ask for or set on the running service. Part of the catalogue in errors.ts. */
export const operatorErrors = {
  event_not_found: {
    status: 404,
    title: 'No such event',
    remedy:
      'Find its id with the command "genesys-enricher events list --conversation ID" or with GET /admin/events?conversationId=…. The service keeps settled events and dead letters for RETENTION_MS, and stores only events that a rule listens to.',
  },
  paused_by_operator: {
    title: 'Delivery is paused by an operator',
    remedy:
      'Resume it with the command "genesys-enricher delivery resume" (or POST /admin/delivery/resume) when the reason is gone. Events are accepted and stay pending; EVENT_MAX_AGE_MS still counts.',
  },
  rules_invalid: {
    title: 'The rules file is not valid',
    remedy:
      'See the log: it lists each error with its line. The last valid rules stay in force until the file is valid.',
  },
} as const
