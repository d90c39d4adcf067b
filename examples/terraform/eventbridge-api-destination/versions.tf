terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

# Credentials by the usual ways of the AWS provider, such as AWS_PROFILE.
provider "aws" {
  region = var.aws_region
}
