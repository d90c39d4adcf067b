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

variable "max_receive_count" {
  type        = number
  description = "How often the service may receive a message without deleting it, before SQS moves it to the dead-letter queue."
  default     = 20
}
