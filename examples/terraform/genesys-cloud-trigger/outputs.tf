output "trigger_id" {
  description = "The trigger, for GET /api/v2/processautomation/triggers/{triggerId}."
  value       = genesyscloud_processautomation_trigger.customer_start.id
}

output "workflow_id" {
  description = "The workflow, to find its executions in Genesys Cloud."
  value       = genesyscloud_flow.send_event.id
}
