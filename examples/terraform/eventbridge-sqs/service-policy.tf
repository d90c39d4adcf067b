# Everything that the service does with the queue, and nothing else. DeleteMessage and ChangeMessageVisibility include the batch
# calls of the same name.
data "aws_iam_policy_document" "service" {
  statement {
    actions = [
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:GetQueueAttributes",
    ]
    resources = [aws_sqs_queue.events.arn]
  }
}

resource "aws_iam_policy" "service" {
  name        = "${var.name}-queue"
  description = "Lets the service take events from its queue."
  policy      = data.aws_iam_policy_document.service.json
}
