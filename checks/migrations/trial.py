"""One sequence of migrations tried on one database."""

from dataclasses import dataclass

from harness.check.interface import Probe, Reply

from .engines import Engine
from .findings import Refusal, decode
from .sequences import Script


@dataclass(frozen=True)
class Pair:
    """One sequence on both sides: base's scripts, head's new ones, and what was edited."""

    key: str
    base: tuple[Script, ...]
    new: tuple[Script, ...]
    edited: tuple[tuple[Script, Script], ...]


@dataclass(frozen=True)
class Trial:
    """What one engine said about a pair."""

    pair: Pair
    engine: Engine
    probe: Probe
    reply: Reply

    @property
    def refusal(self) -> Refusal | None:
        """The statement that ended the trial, None when all could be compared."""
        return next((one for message in self.reply.of("failed") if (one := decode(message, Refusal))), None)

    def useless(self) -> str:
        """Why this database could tell nothing, empty when it could."""
        missing, refusal = self.reply.of("missing"), self.refusal
        if missing:
            return (
                f"{self.engine.name} is not to be had in the sandbox ({str(missing[0].get('what'))[:200]}; "
                "Debian's package is postgresql, with Docker it belongs into the image)"
            )
        if refusal is not None:
            judged = refusal.side == "head" and (refusal.integrity or refusal.certain)
            where = f"{refusal.script} line {refusal.line} of {refusal.side}"
            return "" if judged else f"{self.engine.name} cannot run {where} ({refusal.error})"
        if not self.reply.completed or len(self.reply.of("compared")) != 1:
            return f"Applying its migrations with {self.engine.name} did not complete ({self.reply.end})"
        return ""

    @property
    def rows(self) -> list[str]:
        """The generated rows as INSERT statements."""
        return [str(message.get("sql", "")) for message in self.reply.of("row")]

    @property
    def rewritten(self) -> list[str] | None:
        """Tables that the engine was seen to write anew, None where it does not tell."""
        ends = self.reply.of("compared")
        found = ends[0].get("rewritten") if ends else None
        return [str(name)[:200] for name in found] if isinstance(found, list) else None
