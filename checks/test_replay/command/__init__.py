"""Tests of any language, run by the project's own command (``[tests]`` of harness.toml)."""
