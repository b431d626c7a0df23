"""Running checks in sandboxes, confirming their proofs, and putting the report together."""
