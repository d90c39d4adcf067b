output "queue_url" {
  description = "SQS_QUEUE_URL of the service."
  value       = aws_sqs_queue.events.url
}

output "service_policy_arn" {
  description = "The policy to attach to the role or user whose AWS credentials the service has."
  value       = aws_iam_policy.service.arn
}

output "dead_letter_queue_url" {
  description = "The queue with the messages that the service could not read. Alert on its number of messages."
  value       = aws_sqs_queue.dead_letters.url
}
