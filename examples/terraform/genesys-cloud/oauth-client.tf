# The OAuth client of the service: GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET.

data "genesyscloud_auth_division_home" "home" {}

data "genesyscloud_auth_division" "named" {
  for_each = toset(var.division_names)
  name     = each.value
}

locals {
  named_division_ids = [for division in data.genesyscloud_auth_division.named : division.id]
  division_ids       = length(var.division_names) > 0 ? local.named_division_ids : [data.genesyscloud_auth_division_home.home.id]
}

resource "genesyscloud_auth_role" "service" {
  name        = var.client_name
  description = "Reads conversations and sets attributes of their participants."

  # For rules with a target or needs: participant, and for the command patch.
  permission_policies {
    domain      = "conversation"
    entity_name = "communication"
    action_set  = ["view"]
  }

  dynamic "permission_policies" {
    for_each = var.subscribes_to_queues ? ["queue"] : []
    content {
      domain      = "routing"
      entity_name = permission_policies.value
      action_set  = ["view"]
    }
  }
}

resource "genesyscloud_oauth_client" "service" {
  name                  = var.client_name
  description           = "Sets attributes of conversation participants."
  authorized_grant_type = "CLIENT-CREDENTIALS"
  state                 = "active"
  expose_client_secret  = var.expose_client_secret

  # A role without a division would apply only to the Home division.
  dynamic "roles" {
    for_each = toset(local.division_ids)
    content {
      role_id     = genesyscloud_auth_role.service.id
      division_id = roles.value
    }
  }
}
