"""Rates of currencies."""

RATES = {"EUR": 1}


def rate(name):
    return RATES[name]
