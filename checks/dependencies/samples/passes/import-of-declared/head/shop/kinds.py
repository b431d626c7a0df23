def of(value):
    return value
