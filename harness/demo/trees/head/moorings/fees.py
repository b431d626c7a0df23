"""What a stay costs, in cents."""

RATE_PER_METRE = {"summer": 240, "winter": 130}


def billable_metres(length_cm: int) -> int:
    """Every started metre counts."""
    if length_cm <= 0:
        raise ValueError("a boat has a length")
    return round(length_cm / 100)


def billable_nights(nights: int) -> int:
    """The seventh night of each week is free."""
    if nights < 1:
        raise ValueError("a stay has at least one night")
    return nights - nights // 7


def stay_fee(length_cm: int, nights: int, season: str = "summer") -> int:
    """Fee of a stay in cents."""
    return billable_metres(length_cm) * billable_nights(nights) * RATE_PER_METRE[season]
