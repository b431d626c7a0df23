# All bookings live here. A database cannot move: another region means a new, empty one.
resource "terraform_data" "bookings" {
  input = {
    name    = "bookings-${var.environment}"
    region  = var.region
    size_gb = var.database_size_gb
  }

  triggers_replace = [
    var.environment,
    var.region,
  ]

  lifecycle {
    prevent_destroy = true
  }
}
