variable "client_name" {
  type        = string
  description = "Name of the OAuth client and of its role."
  default     = "genesys-enricher"
}

variable "division_names" {
  type        = list(string)
  description = "Names of the divisions whose conversations the service changes. Empty: only the Home division."
  default     = []
}

variable "subscribes_to_queues" {
  type        = bool
  description = "Whether the service finds queues by name (NOTIFICATIONS_QUEUES). The role then also gets routing:queue:view."
  default     = false
}

variable "expose_client_secret" {
  type        = bool
  description = "Whether the output client_secret has the secret. The Terraform state then contains it in plain text."
  default     = false
}

variable "aws_account_id" {
  type        = string
  description = "The AWS account that receives the events."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "An AWS account id has 12 digits."
  }
}

variable "aws_region" {
  type        = string
  description = "The AWS region that receives the events, such as eu-central-1."
}

variable "event_source_suffix" {
  type        = string
  description = "The last part of the name of the partner event source. Any name that is not in use yet."
  default     = "genesys-enricher"
}

variable "topics" {
  type        = list(string)
  description = "Short names of the conversation topics to send. The rules of the service should listen to each of them."
  default     = ["customer.start", "customer.end", "user.start", "acd.start", "attributes", "wrapup"]
}
