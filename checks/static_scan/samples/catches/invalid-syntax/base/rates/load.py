"""Reads the exchange rates."""

import json


def load(path):
    """Rates by currency."""
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)
