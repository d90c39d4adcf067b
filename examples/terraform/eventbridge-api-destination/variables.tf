variable "aws_region" {
  type        = string
  description = "The AWS region of the partner event source: aws_region of the example genesys-cloud."
}

variable "event_source_name" {
  type        = string
  description = "The output event_source_name of the example genesys-cloud: aws.partner/genesys.com/cloud/ORG/SUFFIX."

  validation {
    condition     = startswith(var.event_source_name, "aws.partner/genesys.com")
    error_message = "The name of a partner event source of Genesys Cloud begins with aws.partner/genesys.com."
  }
}

variable "name" {
  type        = string
  description = "Name of the resources."
  default     = "genesys-enricher"
}

variable "topics" {
  type        = list(string)
  description = "Short names of the conversation topics to deliver. Those of the example genesys-cloud, or some of them."
  default     = ["customer.start", "customer.end", "user.start", "acd.start", "attributes", "wrapup"]
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

variable "events_per_second" {
  type        = number
  description = "Most events that EventBridge sends in a second. It keeps the others and sends them later."
  default     = 300
}
