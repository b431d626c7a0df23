"""Calls made in place: at a call inside of a running test, in a forked child, with other arguments."""
