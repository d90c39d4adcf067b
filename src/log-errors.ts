/** The codes of warnings that only the log shows and that delay no event. Part of the catalogue in errors.ts. */
export const logErrors = {
  inbox_copy_left: {
    title: 'A saved copy of the inbox is not in use',
    remedy:
      'The copy can have accepted events that were not delivered. Stop the service and start it with sqlite: and the path of the copy as STORE_URL. When "delivery status" shows no pending events, stop it, move the copy away, and start it with the former STORE_URL.',
  },
  odd_field: {
    title: 'A field of an event has an unexpected type or form',
    remedy:
      'The service accepted the event: it reads a number as text and treats any other value as absent. It logs each field once and counts all. Correct the relay; if Genesys Cloud sends the field this way, report it.',
  },
  sns_not_confirmed: {
    title: 'A subscription to an Amazon SNS topic was not confirmed',
    remedy:
      'See the cause in the log. If the topic is yours, add its ARN to SNS_TOPIC_ARNS and restart. Then request the confirmation of the subscription again in Amazon SNS.',
  },
  tls_invalid: {
    title: 'The TLS files are not valid',
    remedy:
      'See the log: it names the file. Certificate and key must be PEM and belong together. The last valid files stay in use.',
  },
  tracing_export_failed: {
    title: 'Spans could not be sent',
    remedy:
      'Check that the collector at OTEL_EXPORTER_OTLP_ENDPOINT is reachable and takes OTLP over HTTP. Events are not affected; the spans are lost.',
  },
} as const
