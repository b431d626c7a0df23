"""Attestations: what was verified, by which policy and how it came out, signed for later gates."""
