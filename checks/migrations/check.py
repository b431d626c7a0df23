"""Migrations on rows: which information does not survive what head adds?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.check.interface import CheckSkipped, Context, Draft, Outcome, Probe, Reply, Side, Unverified

from .findings import Loss, Refusal, decode, edited_draft, loss_draft, refusal_draft
from .framework import framework_losses
from .hints import Repository
from .proof import plan_for
from .sequences import Script, Sequences, find
from .static_loss import static_losses

MAX_PROOFS = 8
MAX_REQUEST = 8 << 20
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
FAILED_COLUMN = re.compile(r"NOT NULL constraint failed: (\w+)\.(\w+)")


@dataclass
class _Results:
    findings: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def doubt(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "migrations"))


@dataclass(frozen=True)
class _Pair:
    """One sequence on both sides: base's scripts, head's new ones, and what was edited."""

    key: str
    base: tuple[Script, ...]
    new: tuple[Script, ...]
    edited: tuple[tuple[Script, Script], ...]


def check(context: Context) -> Outcome:
    """Compare every migration sequence that the change extends or edits."""
    before = find(context.base)
    pairs = list(_pairs(before, find(context.head)))
    framework = framework_losses(context)
    if not pairs and not framework:
        raise CheckSkipped("The change adds or edits no SQL migration.")
    results = _Results(findings=list(framework))
    if framework:
        results.doubt("migrations of a framework", "Alembic's and Django's were read, not applied to rows.")
    repository = Repository.of(context.base, [one.path for scripts in before.values() for one in scripts])
    for pair in pairs:
        results.findings.extend(edited_draft(*both) for both in pair.edited)
        if pair.base and pair.new:
            _compare(context, pair, repository, results)
    return Outcome(results.findings, results.unverified, notes=results.notes)


def _pairs(base: Sequences, head: Sequences) -> Sequence[_Pair]:
    pairs = []
    for key, after in head.items():
        before = {script.name: script for script in base.get(key, ())}
        texts = {_meaning(script.text) for script in before.values()}
        new = tuple(s for s in after if s.name not in before and _meaning(s.text) not in texts)
        edited = tuple(
            (before[s.name], s)
            for s in after
            if s.name in before and _meaning(before[s.name].text) != _meaning(s.text)
        )
        if new or edited:
            pairs.append(_Pair(key, base.get(key, ()), new, edited))
    return pairs


def _meaning(text: str) -> str:
    """A script without comments, case and spacing: what may be edited without harm."""
    return " ".join(COMMENT.sub(" ", text).lower().split())


def _compare(context: Context, pair: _Pair, repository: Repository, results: _Results) -> None:
    request = {
        "base": [[script.name, script.text] for script in pair.base],
        "head": [[script.name, script.text] for script in pair.new],
        "hints": repository.values(),
    }
    if sum(len(script.text) for script in (*pair.base, *pair.new)) > MAX_REQUEST:
        results.doubt(pair.key, "Its migrations are too large to be replayed.")
        return
    probe = Probe(
        entry="compare.py", request=request, tree=False, limits=context.limits, label=f"rows {pair.key}"
    )
    reply = context.run(Side.HEAD, probe)
    failed = [refusal for message in reply.of("failed") if (refusal := decode(message, Refusal))]
    if failed:
        _explain(pair, failed[0], results)
    elif not reply.completed or len(reply.of("compared")) != 1:
        results.doubt(pair.key, f"Applying its migrations did not complete ({reply.end}).")
    else:
        _report(pair, probe, reply, repository, results)


def _explain(pair: _Pair, refusal: Refusal, results: _Results) -> None:
    """No comparison of rows: say why, and read the new scripts instead."""
    if refusal.side == "head" and refusal.integrity:
        results.doubt(
            pair.key,
            f"{refusal.script} line {refusal.line} refuses the generated rows ({refusal.error}); whether real rows "
            "pass depends on what they hold.",
        )
    else:
        results.doubt(
            pair.key,
            f"SQLite cannot run {refusal.script} line {refusal.line} of {refusal.side} ({refusal.error}); "
            "the new migrations were only read, not applied to rows.",
        )
    results.findings.extend(static_losses(pair.new, pair.base))


def _report(pair: _Pair, probe: Probe, reply: Reply, repository: Repository, results: _Results) -> None:
    scripts = {script.name: script for script in pair.new}
    rows = [str(message.get("sql", "")) for message in reply.of("row")]
    losses = [
        loss for message in reply.of("loss") if (loss := decode(message, Loss)) and loss.script in scripts
    ]
    losses = [loss for loss in losses if loss.what in ("table", "rows", "some-rows", "column", "precision")]
    for loss in losses[:MAX_PROOFS]:
        plan = plan_for(loss, probe, pair.base, pair.new, rows)
        used = repository.uses(loss.table, loss.column)
        results.findings.append(loss_draft(loss, scripts[loss.script], used, plan))
    refused = {(one.script, one.line): one for m in reply.of("refused") if (one := decode(m, Refusal))}
    for refusal in refused.values():
        if refusal.script in scripts:
            _refused(pair, refusal, scripts[refusal.script], repository, results)
    filled = reply.of("compared")[0].get("filled")
    empty = reply.of("compared")[0].get("empty")
    for table in empty if isinstance(empty, list) else []:
        results.doubt(
            f"{pair.key}: table {str(table)[:80]}", "No row could be made that its constraints accept."
        )
    count = len(filled) if isinstance(filled, dict) else 0
    results.notes.append(
        f"{pair.key}: {len(pair.new)} new migration(s) applied to generated rows in {count} table(s) with SQLite."
    )


def _refused(
    pair: _Pair, refusal: Refusal, script: Script, repository: Repository, results: _Results
) -> None:
    """Rows that base's schema accepts and head's migration does not."""
    match = FAILED_COLUMN.search(refusal.error)
    column = match.group(2) if match else ""
    if match and any(repository.omitted(table, column) for table in _tables_of(pair, match.group(1))):
        results.findings.append(refusal_draft(refusal, script, column))
    else:
        results.doubt(
            f"{script.path} line {script.line + refusal.line - 1}",
            f"It fails on some rows that base's schema accepts ({refusal.error}); it was judged on rows that pass.",
        )


def _tables_of(pair: _Pair, table: str) -> list[str]:
    """A table and the one that it is renamed to at the end of a rebuild."""
    pattern = rf"alter\s+table\s+[\"`\[]?{re.escape(table)}[\"`\]]?\s+rename\s+to\s+[\"`\[]?(\w+)"
    renamed = [name for script in pair.new for name in re.findall(pattern, script.text, re.I)]
    return [table, *renamed]
