"""Replays AI-assisted changes in disposable sandboxes and reports executed proof of what they break."""

__version__ = "0.1.0"
