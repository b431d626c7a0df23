"""The repository's own Hypothesis tests, run on both sides with more examples and new seeds."""
