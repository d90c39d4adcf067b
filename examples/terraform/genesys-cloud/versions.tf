terraform {
  required_version = ">= 1.5"

  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = ">= 1.60"
    }
  }
}

# The provider reads its own OAuth client and the region of the org from the environment: GENESYSCLOUD_OAUTHCLIENT_ID,
# GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYSCLOUD_REGION (an AWS region, such as eu-central-1).
provider "genesyscloud" {}
