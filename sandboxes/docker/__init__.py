"""The Docker sandbox driver."""
