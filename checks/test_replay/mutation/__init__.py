"""Changed lines under mutation: what head's tests run, and what they would notice."""
