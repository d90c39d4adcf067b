# Accepts the partner event source that Genesys Cloud has created. A source has one bus, so apply only one of the AWS examples.
resource "aws_cloudwatch_event_bus" "genesys_cloud" {
  name              = var.event_source_name
  event_source_name = var.event_source_name
}

resource "aws_cloudwatch_event_rule" "conversations" {
  name           = var.name
  description    = "Conversation events of Genesys Cloud."
  event_bus_name = aws_cloudwatch_event_bus.genesys_cloud.name

  # Genesys Cloud sends a literal {id} in detail-type. The id of the conversation is in detail.topicName.
  event_pattern = jsonencode({
    source      = [var.event_source_name]
    detail-type = [for topic in var.topics : "v2.detail.events.conversation.{id}.${topic}"]
  })
}
