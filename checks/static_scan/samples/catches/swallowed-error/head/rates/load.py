"""Reads the exchange rates."""

import json


def load(path):
    """Rates by currency."""
    rates = {}
    try:
        with open(path, encoding="utf-8") as stream:
            rates = json.load(stream)
    except Exception:
        pass
    return rates
