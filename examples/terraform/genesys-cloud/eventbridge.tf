# Genesys Cloud sends events to a partner event source in your AWS account.

data "genesyscloud_organizations_me" "org" {}

resource "genesyscloud_integration" "eventbridge" {
  integration_type = "amazon-eventbridge-source"
  intended_state   = "ENABLED"

  config {
    name  = "Amazon EventBridge for ${var.client_name}"
    notes = "Sends conversation events to EventBridge."
    properties = jsonencode({
      awsAccountId      = var.aws_account_id
      awsAccountRegion  = var.aws_region
      eventSourceSuffix = var.event_source_suffix
      # "{id}" is no placeholder of Terraform: Genesys Cloud expects these four characters.
      eventFilter = [for topic in var.topics : "v2.detail.events.conversation.{id}.${topic}"]
    })
    advanced = jsonencode({})
  }
}
