/** Error codes of rules and their lookups, part of the catalogue in errors.ts. */
export const ruleErrors = {
  lookup_failed: {
    title: 'HTTP lookup failed',
    remedy:
      'Check the API that the lookup calls; the log line `lookup failed` has the cause. With onError: retry, the service retries the event with backoff. With skip, the rule reads a missing row.',
  },
  rule_undecided: {
    title: 'A rule could not be decided, because data is missing',
    remedy:
      'If the field can be missing, write default(field, "…") or test has(field) first. Otherwise let the rule listen only to events that carry the field, or correct the relay.',
  },
} as const
