# The data action posts a canonical event to the service. Its integration sends the token as basic password.

resource "genesyscloud_integration_credential" "service" {
  name                 = var.name
  credential_type_name = "basicAuth"
  fields = {
    userName = "genesys-cloud" # the service ignores the user
    password = var.webhook_token
  }
}

resource "genesyscloud_integration" "service" {
  integration_type = "custom-rest-actions" # Web Services Data Actions
  intended_state   = "ENABLED"

  config {
    name       = var.name
    properties = jsonencode({})
    advanced   = jsonencode({})
    credentials = {
      basicAuth = genesyscloud_integration_credential.service.id
    }
  }
}

resource "genesyscloud_integration_action" "send_event" {
  name                   = "${var.name} send event"
  category               = var.name
  integration_id         = genesyscloud_integration.service.id
  secure                 = false
  config_timeout_seconds = 10

  contract_input = jsonencode({
    type     = "object"
    required = ["conversationId", "participantId"]
    properties = {
      conversationId = { type = "string" }
      participantId  = { type = "string" }
      mediaType      = { type = "string" }
      ani            = { type = "string" }
    }
  })

  contract_output = jsonencode({
    type = "object"
    properties = {
      accepted = { type = "integer" }
    }
  })

  config_request {
    request_type         = "POST"
    request_url_template = "${var.service_url}/webhooks/genesys"
    headers = {
      Content-Type = "application/json"
    }
    # $${ is a literal ${ for the Velocity template of the data action.
    request_template = <<-EOT
      {
        "type": "conversation:created",
        "conversationId": "$esc.jsonString($${input.conversationId})",
        "participantId": "$esc.jsonString($${input.participantId})",
        "mediaType": "$esc.jsonString($${input.mediaType})",
        "participant": { "purpose": "customer", "ani": "$esc.jsonString($${input.ani})" }
      }
    EOT
  }

  config_response {
    translation_map = {
      accepted = "$.accepted"
    }
    translation_map_defaults = {
      accepted = "0"
    }
    success_template = "{ \"accepted\": $${accepted} }"
  }
}
