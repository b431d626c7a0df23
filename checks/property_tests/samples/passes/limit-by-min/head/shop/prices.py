"""Prices."""


def discount(price, percent):
    return price - price * min(percent, 50) // 100
