# EventBridge posts each event to the service.

resource "aws_cloudwatch_event_connection" "service" {
  name               = var.name
  description        = "The credential of EventBridge for the service."
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "X-API-Key"
      value = var.webhook_token
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "service" {
  name                             = var.name
  description                      = "The webhook of the service."
  invocation_endpoint              = "${var.service_url}/webhooks/genesys"
  http_method                      = "POST"
  invocation_rate_limit_per_second = var.events_per_second
  connection_arn                   = aws_cloudwatch_event_connection.service.arn
}

resource "aws_cloudwatch_event_target" "service" {
  rule           = aws_cloudwatch_event_rule.conversations.name
  event_bus_name = aws_cloudwatch_event_bus.genesys_cloud.name
  arn            = aws_cloudwatch_event_api_destination.service.arn
  role_arn       = aws_iam_role.invoke.arn

  # The longest that EventBridge allows: 24 hours and 185 attempts.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  # For events that the service refuses, and for those that are still not delivered after 24 hours.
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "invoke" {
  statement {
    actions   = ["events:InvokeApiDestination"]
    resources = [aws_cloudwatch_event_api_destination.service.arn]
  }
}

resource "aws_iam_role" "invoke" {
  name               = "${var.name}-invoke"
  description        = "Lets EventBridge call the API destination."
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "invoke" {
  name   = "invoke-api-destination"
  role   = aws_iam_role.invoke.id
  policy = data.aws_iam_policy_document.invoke.json
}
