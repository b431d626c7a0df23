"""How the work of a call grows with its input."""
