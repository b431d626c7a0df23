"""What a guest gets back after a cancellation."""


def refund(paid: int, hours_before: int) -> int:
    """Cents to pay back when a stay is cancelled so many hours before arrival."""
    if paid < 0:
        raise ValueError("nobody pays less than nothing")
    if hours_before >= 48:
        return paid
    if hours_before >= 24:
        return paid // 2
    return 0
