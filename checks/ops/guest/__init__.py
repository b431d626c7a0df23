"""Runs INSIDE the sandbox: scripts under recording stand-ins, standard library only."""
