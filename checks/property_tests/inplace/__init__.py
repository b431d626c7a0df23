"""Calls met in place: differences on objects that only live inside the repository's tests."""
