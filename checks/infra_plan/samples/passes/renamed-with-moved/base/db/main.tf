resource "aws_dynamodb_table" "carts" {
  name         = "carts"
  billing_mode = "PROVISIONED"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
