output "dead_letter_queue_url" {
  description = "The queue with the events that EventBridge could not deliver. Alert on its number of messages."
  value       = aws_sqs_queue.dead_letters.url
}

output "rule_arn" {
  description = "The rule that selects the events."
  value       = aws_cloudwatch_event_rule.conversations.arn
}
