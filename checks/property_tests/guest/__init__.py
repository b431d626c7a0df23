"""Runs inside the sandbox: generates inputs, runs the tree's functions, says what they did."""
