"""Hypothesis's deadline is a wall-clock time: a busy machine would decide whether a test passes."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
