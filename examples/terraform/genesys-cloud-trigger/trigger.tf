# A trigger starts the workflow for each customer who enters a conversation. The workflow calls the data action.

resource "genesyscloud_flow" "send_event" {
  filepath = "${path.module}/workflow.yaml"

  substitutions = {
    flow_name            = var.name
    division             = var.division_name
    data_action_category = genesyscloud_integration_action.send_event.category
    data_action_name     = genesyscloud_integration_action.send_event.name
  }
}

resource "genesyscloud_processautomation_trigger" "customer_start" {
  name              = var.name
  topic_name        = "v2.detail.events.conversation.{id}.customer.start"
  enabled           = true
  event_ttl_seconds = 60

  # The workflow has an input variable for each top-level field of the event that it needs.
  target {
    id   = genesyscloud_flow.send_event.id
    type = "Workflow"

    workflow_target_settings {
      data_format = "TopLevelPrimitives"
    }
  }
}
