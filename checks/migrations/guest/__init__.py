"""Runs INSIDE the sandbox: migrations on a disposable SQLite database, standard library only."""
