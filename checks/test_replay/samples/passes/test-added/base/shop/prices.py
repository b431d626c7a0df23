"""Prices."""


def discount(price, percent):
    if percent > 50:
        percent = 50
    return price - price * percent // 100
