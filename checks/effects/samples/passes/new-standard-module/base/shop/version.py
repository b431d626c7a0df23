"""The version that is shown."""


def shown(number):
    return f"v{number}"
