output "client_id" {
  description = "GENESYS_CLIENT_ID of the service."
  value       = genesyscloud_oauth_client.service.id
}

output "client_secret" {
  description = "GENESYS_CLIENT_SECRET of the service. Empty unless expose_client_secret is true."
  value       = genesyscloud_oauth_client.service.client_secret
  sensitive   = true
}

output "event_source_name" {
  description = "The variable event_source_name of the AWS examples."
  value       = "aws.partner/genesys.com/cloud/${data.genesyscloud_organizations_me.org.id}/${var.event_source_suffix}"
  depends_on  = [genesyscloud_integration.eventbridge]
}
