variable "environment" {
  description = "Name of the environment."
  type        = string
  default     = "production"
}

variable "region" {
  description = "Region that the service and its database run in."
  type        = string
  default     = "eu-central-1"
}

variable "database_size_gb" {
  description = "Disk of the bookings database; may grow at any time."
  type        = number
  default     = 200
}
