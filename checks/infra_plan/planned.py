"""What the guest says of head's plan, strictly decoded: it is hostile until then."""

from typing import Any

import msgspec

from harness.check.interface import Limited, Message, Reply

from .severity import Certainty

MAX_CHANGES = 6000
CRASH = "crash"
DESTROYS = (("delete",), ("delete", "create"), ("create", "delete"))


class Forced(msgspec.Struct, frozen=True):
    """One argument that forces replacement. Values are short JSON without secrets.

    ``unknown``: head's value is known only after apply; ``unsure``: one of the values is a
    stand-in, so that the real infrastructure may already have head's value.
    """

    path: tuple[str | int, ...]
    before: str
    after: str
    unknown: bool = False
    unsure: bool = False

    @property
    def name(self) -> str:
        """The path as it is written in HCL: ``network[0].cidr``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    def sentence(self) -> str:
        return f"{self.name}: {self.before[:160]} → {self.after[:160]}"


class Planned(msgspec.Struct, frozen=True):
    """One resource that head's plan touches."""

    address: str
    resource_type: str
    name: str
    actions: tuple[str, ...]
    module: str = ""
    reason: str = ""
    previous: str = ""
    importing: bool = False
    forced: tuple[Forced, ...] = ()
    twin: str = ""
    residual: bool = False
    blocked: bool = False
    uses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    counterfactual: str = ""
    """What, taken back, makes the plan leave it in place; a clause, empty when that was not shown."""

    @property
    def destroys(self) -> bool:
        return self.actions in DESTROYS

    @property
    def replaces(self) -> bool:
        return "create" in self.actions and self.destroys

    @property
    def cascade(self) -> bool:
        """Replaced only because something that it depends on is."""
        if self.reason == "replace_by_triggers":
            return True
        return bool(self.forced) and all(forced.unknown for forced in self.forced)

    @property
    def certainty(self) -> Certainty:
        """certain, unless every argument that forces it rests on a value that nobody knows here."""
        if self.residual or self.importing:
            return "undetermined"
        if self.forced and all(forced.unsure or forced.unknown for forced in self.forced):
            return "conditional"
        return "certain"


class Summary(msgspec.Struct, frozen=True):
    """The guest's closing words about a replay that completed."""

    rounds: int
    resources: int
    residual: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    terraform: str = ""
    data: tuple[str, ...] = ()
    """Types of data sources that were answered with stand-ins."""
    faults: tuple[str, ...] = ()
    """What providers said when they were configured without a cloud."""


class Values(msgspec.Struct, frozen=True):
    """One resource's values before and after; ``unknown`` are arguments known only after apply."""

    address: str
    resource_type: str
    name: str
    previous: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    unknown: tuple[str, ...] = ()


class Failure(msgspec.Struct, frozen=True):
    """A side whose plan could not be made, and terraform's words."""

    side: str
    stage: str
    error: str


def read(reply: Reply) -> tuple[tuple[Planned, ...], Summary] | Failure:
    """The planned changes with the summary, or why there are none."""
    failure = read_failure(reply)
    if failure is not None:
        return failure
    summaries = [decoded for m in reply.of("planned") if (decoded := _decode(m, Summary))]
    changes = tuple(d for m in reply.of("change")[:MAX_CHANGES] if (d := _decode(m, Planned)))
    if not reply.completed or len(summaries) != 1 or len(changes) != len(reply.of("change")):
        words = (reply.stderr.strip().splitlines() or [""])[-1][:300]
        limited = isinstance(reply.end, Limited)
        why = (
            f"a limit ({reply.end.limit}) ended it"
            if isinstance(reply.end, Limited)
            else f"it crashed: {words}"
        )
        return Failure("base", "limit" if limited else CRASH, why)
    return changes, summaries[0]


def read_failure(reply: Reply) -> Failure | None:
    """Why a plan could not be made, in terraform's words; None when the guest says nothing of the kind."""
    failed = [decoded for m in reply.of("failed")[:1] if (decoded := _decode(m, Failure))]
    return failed[0] if failed else None


def read_values(reply: Reply) -> list[Values]:
    """What the guest says of the values of changed resources; what is malformed is left out."""
    return [decoded for m in reply.of("values")[:MAX_CHANGES] if (decoded := _decode(m, Values))]


def _decode(message: Message, kind: Any) -> Any:
    try:
        return msgspec.convert({k: v for k, v in message.items() if k != "type"}, kind)
    except msgspec.ValidationError:
        return None
