resource "terraform_data" "service" {
  input = {
    name     = "moorings-${var.environment}"
    region   = var.region
    database = terraform_data.bookings.output.name
  }
}

output "database" {
  description = "Name of the bookings database."
  value       = terraform_data.bookings.output.name
}
