"""Runs the tree's Hypothesis tests with other settings than its own."""
