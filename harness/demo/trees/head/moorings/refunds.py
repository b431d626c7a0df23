"""What a guest gets back after a cancellation."""

# Hours before arrival and the percentage that is paid back, the best offer first.
STEPS = ((48, 100), (24, 50))


def refund(paid: int, hours_before: int) -> int:
    """Cents to pay back when a stay is cancelled so many hours before arrival."""
    if paid < 0:
        raise ValueError("nobody pays less than nothing")
    for limit, percent in STEPS:
        if hours_before > limit:
            return paid * percent // 100
    return 0
