"""Runs INSIDE the sandbox: drives terraform or tofu on private copies of base and head."""
