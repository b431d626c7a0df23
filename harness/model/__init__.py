"""Frozen values that travel through the harness. No input or output happens here."""
