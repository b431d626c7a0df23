"""The library of guest code: everything here runs INSIDE the sandbox.

Standard library only, CPython 3.9 and later, and nothing of ``harness``.
"""
