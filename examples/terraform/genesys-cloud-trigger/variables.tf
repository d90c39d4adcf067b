variable "name" {
  type        = string
  description = "Name of the trigger, the workflow, the data action and their integration."
  default     = "genesys-enricher"
}

variable "division_name" {
  type        = string
  description = "Name of the division of the workflow."
  default     = "Home"
}

variable "service_url" {
  type        = string
  description = "Public HTTPS URL of the service, without a path, such as https://enricher.example.com."

  validation {
    condition     = can(regex("^https://[^/]+$", var.service_url))
    error_message = "The URL begins with https:// and has no path and no slash at the end."
  }
}

variable "webhook_token" {
  type        = string
  description = "One of WEBHOOK_TOKENS of the service. The Terraform state contains it in plain text."
  sensitive   = true
}
