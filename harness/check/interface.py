"""What a check pack sees (``api = 1``). See docs/custom-checks.md.

A pack with a ``check.py`` defines ``def check(context: Context) -> Outcome``. That function
runs outside the sandbox and is trusted; whatever it wants to run of the change it hands to
:meth:`Context.run` as a :class:`Probe`, which runs the pack's own ``guest/`` code inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from harness.config.project import TestsConfig
from harness.model.change import Change
from harness.model.finding import CLOSURE, Category, Difference, Location, Severity
from harness.model.report import Figure, RiskWeight, Unverified
from harness.model.snapshot import Snapshot
from harness.sandbox.interface import End, Ended, Failed, Limited, Limits

__all__ = [
    "API_VERSION",
    "CLOSURE",
    "GUEST_LIBRARY",
    "BudgetExhausted",
    "Category",
    "Change",
    "Check",
    "CheckFailed",
    "CheckSkipped",
    "Context",
    "Declaration",
    "DeclaringTests",
    "Difference",
    "Draft",
    "End",
    "Ended",
    "Failed",
    "Figure",
    "Limited",
    "Limits",
    "Location",
    "Outcome",
    "Picture",
    "Probe",
    "ProofPlan",
    "Reply",
    "RiskWeight",
    "Session",
    "Severity",
    "Side",
    "Snapshot",
    "TestsConfig",
    "Unverified",
]  # fmt: skip

API_VERSION = 1
GUEST_LIBRARY = Path(__file__).resolve().parent.parent / "guest" / "guestlib"
"""The folder that guests see at ``/guest/guestlib``; for proofs that a person runs without the harness."""

Message = dict[str, Any]


class Side(StrEnum):
    """The two trees of a change."""

    BASE = "base"
    HEAD = "head"


class CheckSkipped(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by a pack that has nothing to do here; the text is the reason."""


class CheckFailed(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by a pack that could not do its work; the text says why."""


class BudgetExhausted(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by Context when no time is left; the engine records the check as timed out."""


@dataclass(frozen=True)
class Probe:
    """One run inside a sandbox, on one side of the change.

    Exactly one of ``entry`` and ``command`` is given. ``entry`` names a file of the pack's
    ``guest/`` folder that defines ``main(request, channel)``; its request reaches it as JSON
    together with the side, and what it sends over the channel is in :attr:`Reply.messages`.
    ``command`` is an argv run in ``/tree``; its raw output is in :attr:`Reply.stdout`.

    ``also`` mounts whole trees read-only at ``/in/base`` and ``/in/head``. ``tree`` is false
    for a probe that needs no private copy at ``/tree``. ``files``, ``mounts`` and ``tools``
    are those of :class:`harness.sandbox.interface.Job`.
    """

    entry: str | None = None
    command: Sequence[str] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    tree: bool = True
    also: Sequence[Side] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)
    tools: Sequence[Path] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None
    label: str = ""
    keep: bool = False
    """The same trees and request give the same answer, so an earlier one serves. Never for proofs."""


@dataclass(frozen=True)
class Reply:
    """What a probe gave. ``messages`` are strictly decoded JSON objects in order.

    A guest that was killed, flooded or forged its channel has fewer messages than expected:
    look for your own last message before you believe in completion. ``malformed`` counts
    lines that were no JSON object.
    """

    end: End
    messages: tuple[Message, ...] = ()
    stdout: bytes = b""
    stderr: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    malformed: int = 0
    seconds: float = 0.0

    @property
    def completed(self) -> bool:
        """The guest ran to its end (its ``main`` returned), by the library's closing message."""
        return isinstance(self.end, Ended) and self.end.status == 0 and self.closed

    closed: bool = False

    def of(self, kind: str) -> tuple[Message, ...]:
        """The messages whose ``type`` is ``kind``."""
        return tuple(message for message in self.messages if message.get("type") == kind)


class Session(Protocol):
    """A probe that is spoken with while it runs. Leaving the context kills it."""

    def ask(self, message: Mapping[str, Any], timeout: float) -> Message | None:
        """Send one message, return the next one that the guest sends.

        None when the guest gave no answer in ``timeout`` seconds or has ended: the session
        is dead then and every later call returns None.
        """

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send one message without waiting."""

    def hear(self, timeout: float) -> Message | None:
        """The next message of the guest, None as for :meth:`ask`."""

    def end(self) -> Reply:
        """Close the guest's input, wait for its end, return how it ended."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class ProofPlan:
    """How a finding can be shown again, by the engine, by ``harness reproduce`` and by hand.

    ``probe`` is run in fresh sandboxes, three times on each of ``sides``. Its guest must send
    exactly one ``{"type": "verdict", "passed": bool, "observed": str}``: base is expected to
    pass, head to fail. Anything else is an error of the replay and confirms nothing. For a
    ``command`` probe, exit status 0 is a pass and 1 a fail; anything else is an error.

    ``files`` become ``proofs/FINDING_ID/``, the script that a person runs first. ``@ID@`` in
    names and contents becomes the finding's id, ``@id@`` its lower-case form; ``@BASE@`` and ``@HEAD@`` in
    contents become the ids of the commits.
    """

    probe: Probe
    input: str
    base: str | None
    head: str
    sides: tuple[Side, ...] = (Side.BASE, Side.HEAD)
    files: Mapping[str, bytes] = field(default_factory=dict)
    about: str = ""
    """Not empty: one run shows several findings, this is the one. Their plans hold the same object as ``probe``,
    which is run once a round for all of them; its guest sends a verdict for each, with this text as ``about``."""
    alike: Probe | None = None
    """Passes where the code does exactly what head does. Its guest writes the texts of ``instead``
    in the request, by path, over the tree's files before it begins."""


@dataclass(frozen=True)
class Picture:
    """A figure of one finding: its caption and an SVG made by trusted code, every text in it escaped."""

    title: str
    svg: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A finding before the engine gives it an id and confirms its proof.

    ``key`` makes the fingerprint together with check, rule, path and symbol: what identifies
    this instance without line numbers (the normalised line, the class of the difference).
    ``drop_unconfirmed`` discards the draft, and counts it, when its proof is not confirmed.
    """

    rule: str
    category: Category
    severity: Severity
    title: str
    message: str
    location: Location
    key: str = ""
    cwe: tuple[str, ...] = ()
    difference: Difference | None = None
    proof: ProofPlan | None = None
    drop_unconfirmed: bool = False
    suggestion: str | None = None
    detail: str | None = None
    certainty: Literal["certain", "conditional", "undetermined"] | None = None
    group: str | None = None
    picture: Picture | None = None
    others: Sequence["Draft"] = ()
    """The same class of difference by other inputs: one of them is told where it has another cause
    than the change's tests declare, else none."""


@dataclass(frozen=True)
class Declaration:
    """A difference that the change's own test shows: it fails on base and passes on head.

    ``test`` is the test's id. The engine marks findings of the same symbol and class declared, and
    those that another method of the same object shows after a changed one: ``called`` are the
    symbols that the test calls.
    """

    difference: Difference
    test: str
    called: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DeclaringTests:
    """All tests that declare something, run together: ``probe`` passes where each of them does.

    Its guest honours ``instead`` as that of :attr:`ProofPlan.alike` does. ``paths`` are all
    changed files but the tests' own.
    """

    probe: Probe
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a check found, and what it does not vouch for."""

    findings: Sequence[Draft] = ()
    unverified: Sequence[Unverified] = ()
    declarations: Sequence[Declaration] = ()
    declaring: DeclaringTests | None = None
    notes: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    weights: Sequence[RiskWeight] = ()
    """What was measured of the change as a whole: how far it reaches, what protects it."""
    failed: str = ""
    """Not empty: part of the work could not be done, the check counts as failed."""


class Context(Protocol):
    """The run as a pack sees it. All methods may be called from several threads."""

    change: Change
    """For a pack whose results are kept, without commits: trees and files (see ``keep`` in check.toml)."""
    base: Snapshot
    head: Snapshot
    settings: Mapping[str, Any]
    """``[checks.ID]`` of harness.toml on base."""
    tests: TestsConfig
    """``[tests]`` of harness.toml on base: how the project runs its tests."""
    limits: Limits
    """Default limits of this pack's probes, from its manifest and the policy."""
    python_version: tuple[int, int]
    """Version of the interpreter inside the sandbox."""
    pack: Path
    """Folder of this pack."""
    jobs: int
    """Sandboxes at a time in this run."""

    def snapshot(self, side: Side) -> Snapshot: ...

    def run(self, side: Side, probe: Probe) -> Reply:
        """Run a probe in a fresh sandbox and wait. Raises BudgetExhausted when no time is left."""

    def run_all(self, *probes: tuple[Side, Probe]) -> list[Reply]:
        """Run several probes, at the same time where sandboxes are free; replies in order."""

    def open(self, *probes: tuple[Side, Probe]) -> Sequence[Session]:
        """Start sessions that live at the same time. Use each as a context manager."""

    def remaining(self) -> float:
        """Seconds of wall time left to this check."""

    def draft(self, finding: Draft) -> None:
        """Hand over a finding early: its proof is confirmed while the check goes on.

        Do not repeat it in the Outcome.
        """

    def progress(self, text: str) -> None:
        """Tell the user what is going on, in a few words."""


class Check(Protocol):
    """The one function that a pack's ``check.py`` defines."""

    def __call__(self, context: Context) -> Outcome: ...
