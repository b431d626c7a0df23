"""harness.toml: its typed form, and reading it strictly."""
