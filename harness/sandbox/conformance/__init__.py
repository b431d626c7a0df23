"""Behaviours that every sandbox driver must show, ours or a third party's.

``harness sandbox conformance NAME`` runs them, and so do the tests of the drivers. A module
here holds the behaviours of one area.
"""

from harness.sandbox.conformance.suite import Verdict, behaviours, run_suite

__all__ = ["Verdict", "behaviours", "run_suite"]
