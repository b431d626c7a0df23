"""Findings and their proofs, as they stand in the report."""

from typing import Literal

import msgspec

Category = Literal[
    "regression", "property", "exploit", "static", "secret", "test-failure", "test-tampering",
    "untested", "infra", "data-loss", "dependency", "pipeline", "effect", "cost", "ops",
]  # fmt: skip
Severity = Literal["info", "low", "medium", "high", "critical"]
ProofStatus = Literal["confirmed", "unconfirmed", "none"]
ReplayResult = Literal["pass", "fail", "error"]

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")


class Location(msgspec.Struct, frozen=True):
    """Where a finding points: a path on head (on base for what head deleted), lines from 1."""

    path: str
    line: int = 1
    end_line: int | None = None
    symbol: str | None = None


CLOSURE = "closure"
"""The ``narrow`` evidence of a difference in what a function does that a call gave: tests see it under the symbol
of that inner function, in whatever class."""


class Difference(msgspec.Struct, frozen=True):
    """The class of a behaviour difference, by which declared and undeclared ones are told apart.

    ``before`` and ``after`` are kinds of outcome: ``value``, ``raises X`` (X the exception's
    class name), ``hangs``, ``crashes``, ``mutates``, ``prints``, ``writes``; for instance
    ``Difference("shop.cart.total", "value", "raises TypeError")``.
    ``narrow`` is further evidence (such as the types of the values), compared when both have it.
    ``cause`` is the changed method in whose aftermath another, unchanged one shows the difference:
    state that a change alters on purpose shows through every method that reads it.
    """

    symbol: str
    before: str
    after: str
    narrow: str | None = None
    cause: str | None = None


class Replays(msgspec.Struct, frozen=True):
    """Results of the replays of a proof in fresh sandboxes, in order, a list a side."""

    base: tuple[ReplayResult, ...] = ()
    head: tuple[ReplayResult, ...] = ()


class Proof(msgspec.Struct, frozen=True):
    """Executed evidence. ``confirmed`` is set by the replay engine and by nobody else."""

    status: ProofStatus = "none"
    input: str | None = None
    base: str | None = None
    head: str | None = None
    replays: Replays = Replays()
    path: str | None = None
    command: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about head, with its place, its severity and its proof.

    ``fingerprint`` is stable across runs and line moves (hex). ``detail`` is optional longer
    evidence in plain text (a transcript, a table); ``group`` folds findings of one root cause.
    """

    id: str
    fingerprint: str
    check: str
    rule: str
    category: Category
    severity: Severity
    title: str
    message: str
    location: Location
    cwe: tuple[str, ...] = ()
    declared: bool = False
    declared_by: tuple[str, ...] = ()
    difference: Difference | None = None
    proof: Proof = Proof()
    suggestion: str | None = None
    detail: str | None = None
    certainty: Literal["certain", "conditional", "undetermined"] | None = None
    group: str | None = None
    project: str = ""
    """The project of ``[project.NAME]`` in whose tree it was found; texts and symbols are relative to it."""
