"""One sandbox run of the scanner over both sides, and strict reading of what it says."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from harness.check.interface import CheckFailed, Context, Limited, Probe, Reply, Side

from .difference import Hit, normalised, values_in
from .rules import Rule, scanner_rules
from .targets import Target

SIDES = ("base", "head")
MAX_SNIPPET = 20_000
Span = tuple[str, int, int]


@dataclass
class Scan:
    """What one run gave. ``syntax`` maps (side, path on head) to None or (line, reason)."""

    base: list[Hit] = field(default_factory=list)
    head: list[Hit] = field(default_factory=list)
    syntax: dict[tuple[str, str], tuple[int, str] | None] = field(default_factory=dict)
    symbols: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """(path or empty, what was not scanned)"""


def scanner_folder() -> Path:
    """Folder of the installed scanner's program. Raises CheckFailed when it is not there."""
    spec = importlib.util.find_spec("semgrep")
    folder = Path(spec.origin).parent / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "semgrep-core").is_file():
        raise CheckFailed("The pattern scanner is not installed; install the package semgrep 1.182 or later.")
    return folder


def run_scan(context: Context, targets: Sequence[Target], rules: Sequence[Rule]) -> Scan:
    """Scan the targets on both sides. Raises CheckFailed when the scanner gave no whole answer."""
    numbered = {f"{number}{target.scanned_name}": target for number, target in enumerate(targets)}
    languages = {target.language for target in targets}
    wanted = [rule for rule in rules if rule.languages & languages]
    files = {
        f"scan/{side}/{name}": text.encode("utf-8", "replace")
        for name, target in numbered.items()
        for side, text in zip(SIDES, (target.base, target.head), strict=True)
        if text is not None
    }
    patterns = scanner_rules(wanted)
    if patterns:
        files["scan/rules.json"] = patterns
    request = {
        "python": [name for name, target in numbered.items() if target.language == "python"],
        "scanner": "/in/scanner/semgrep-core" if patterns else None,
        "matchers": {f"r{index}": rule.matcher for index, rule in enumerate(wanted) if rule.matcher},
    }
    mounts = {"scanner": scanner_folder()} if patterns else {}
    probe = Probe(
        entry="scan.py", request=request, tree=False, files=files, mounts=mounts,
        limits=context.limits, label="scan changed files",
    )  # fmt: skip
    return _Reading(numbered, wanted).read(context.run(Side.HEAD, probe))


class _Reading:
    """Turns messages into a Scan; whatever is not as agreed is dropped, never believed."""

    def __init__(self, targets: Mapping[str, Target], rules: Sequence[Rule]) -> None:
        self.targets = targets
        self.rules = {f"r{index}": rule for index, rule in enumerate(rules)}
        self.scan = Scan()

    def read(self, reply: Reply) -> Scan:
        if not reply.of("scanned") or not reply.completed:
            raise CheckFailed(_unfinished(reply))
        for message in reply.of("syntax"):
            self._syntax(message)
        for message in reply.of("symbols"):
            self._symbols(message)
        for message in reply.of("hit"):
            self._hit(message)
        for message in reply.of("problem"):
            self._problem(message)
        self.scan.base = self._strongest(self.scan.base)
        self.scan.head = self._strongest(self.scan.head)
        return self.scan

    def _strongest(self, hits: Sequence[Hit]) -> list[Hit]:
        """Without repetitions, and without hits beside one that says more about the same lines."""
        yields_to = {rule.id: rule.yields_to for rule in self.rules.values() if rule.yields_to}
        strong: dict[tuple[str, str], list[Hit]] = {}
        for hit in hits:
            strong.setdefault((hit.rule, hit.path), []).append(hit)
        kept = dict.fromkeys(hits)
        for hit in hits:
            others = strong.get((yields_to.get(hit.rule, ""), hit.path), ())
            if any(other.line <= hit.end_line and hit.line <= other.end_line for other in others):
                kept.pop(hit, None)
        return list(kept)

    def _place(self, message: Mapping[str, object]) -> tuple[str, Target] | None:
        side, name = message.get("side"), message.get("file")
        if side not in SIDES or not isinstance(name, str) or name not in self.targets:
            return None
        return str(side), self.targets[name]

    def _syntax(self, message: Mapping[str, object]) -> None:
        place = self._place(message)
        if place:
            side, target = place
            invalid = (_number(message.get("line")), str(message.get("text"))[:200])
            self.scan.syntax[side, target.path] = None if message.get("valid") is True else invalid

    def _symbols(self, message: Mapping[str, object]) -> None:
        place, spans = self._place(message), message.get("spans")
        if place and isinstance(spans, list):
            side, target = place
            self.scan.symbols[side, target.path] = [span for span in map(_span, spans) if span]

    def _hit(self, message: Mapping[str, object]) -> None:
        place, rule = self._place(message), self.rules.get(str(message.get("rule")))
        if not place or not rule:
            return
        side, target = place
        if target.language not in rule.languages or (target.is_test and not rule.tests):
            return
        line = _number(message.get("line"))
        end_line = max(line, _number(message.get("end_line")))
        text = (target.base if side == "base" else target.head) or ""
        snippet = _cut(text, line, end_line, _number(message.get("col")), _number(message.get("end_col")))
        symbol = symbol_at(self.scan.symbols.get((side, target.path), ()), line)
        values = values_in(snippet) if target.language == "python" and rule.edited_is_new else None
        hit = Hit(
            rule.id, target.path, line, end_line, symbol, normalised(snippet), rule.edited_is_new, values
        )
        (self.scan.base if side == "base" else self.scan.head).append(hit)

    def _problem(self, message: Mapping[str, object]) -> None:
        text = " ".join(str(message.get("text")).split())[:300]
        if message.get("fatal") is True:
            rule = self.rules.get(str(message.get("rule")))
            about = (
                f"{rule.place}: rule '{rule.id}' cannot be used"
                if rule
                else "The pattern scanner did not work"
            )
            raise CheckFailed(f"{about}: {text}")
        name = PurePosixPath(str(message.get("file"))).name
        target = self.targets.get(name)
        self.scan.problems.append((target.path if target else "", text))


def _cut(text: str, line: int, end_line: int, column: int, end_column: int) -> str:
    """The matched text; columns count from 1 and may be off by a few in lines that are not ASCII."""
    lines = text.split("\n")[line - 1 : end_line]
    if lines:
        lines[-1] = lines[-1][: end_column - 1]
        lines[0] = lines[0][column - 1 :]
    return "\n".join(lines)[:MAX_SNIPPET]


def _unfinished(reply: Reply) -> str:
    if isinstance(reply.end, Limited):
        return f"The scan of the changed files was ended by the limit of {reply.end.limit}; raise it in [limits]."
    return f"The scan of the changed files did not finish: {reply.stderr.strip()[-300:] or reply.end}"


def _number(value: object) -> int:
    """A line number from 1; anything else is 1."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**7 else 1


def _span(value: object) -> Span | None:
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        name = value[0]
        if len(name) <= 300 and all(part.isidentifier() for part in name.split(".")):
            return name, _number(value[1]), _number(value[2])
    return None


def symbol_at(spans: Sequence[Span], line: int) -> str | None:
    """The innermost function or class around a line; spans hold outer ones first."""
    around = [name for name, first, last in spans if first <= line <= last]
    return around[-1] if around else None
