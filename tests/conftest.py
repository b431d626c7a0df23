"""Hypothesis's deadline and its check for slow data are wall-clock times: a busy machine would fail tests."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
