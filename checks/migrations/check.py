"""Migrations on rows: which information does not survive what head adds?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.check.interface import (
    CheckFailed,
    CheckSkipped,
    Context,
    Draft,
    Outcome,
    Probe,
    Side,
    Unverified,
)

from .engines import dialect_of, engines
from .findings import (
    Again,
    Loss,
    Refusal,
    again_draft,
    copied_by,
    decode,
    edited_draft,
    fails,
    fails_draft,
    loss_draft,
    refusal_draft,
)
from .framework import framework_losses, speaks_of
from .hints import Repository
from .locks import locks
from .proof import plan_for
from .recorded import Kind, record, touched
from .sequences import Script, Sequences, find
from .static_loss import static_losses
from .trial import Pair, Trial

MAX_PROOFS = 8
MAX_REQUEST = 8 << 20
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
FAILED_COLUMN = re.compile(r"NOT NULL constraint failed: (\w+)\.(\w+)")


@dataclass
class _Results:
    findings: list[Draft] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    copied: frozenset[str] = frozenset()
    """Columns and tables that the Python of base's migrations speaks of."""

    def doubt(self, what: str, why: str) -> None:
        self.unverified.append(Unverified(what, why, "migrations"))


def check(context: Context) -> Outcome:
    """Compare every migration sequence that the change extends or edits."""
    folders = _folders(context.settings)
    results = _Results()
    before, after = dict(find(context.base, folders)), dict(find(context.head, folders))
    kinds = touched(context)
    if kinds:
        before |= _frameworks(context, Side.BASE, kinds, results)
        after |= _frameworks(context, Side.HEAD, kinds, results)
    pairs = list(_pairs(before, after))
    if not pairs and not results.unverified:
        raise CheckSkipped("The change adds or edits no migration.")
    repository = Repository.of(context.base, [one.path for scripts in before.values() for one in scripts])
    for pair in pairs:
        results.findings.extend(edited_draft(*both) for both in pair.edited)
        if pair.base and pair.new:
            rewritten = _compare(context, pair, repository, results)
            results.findings.extend(locks(context, pair, rewritten, results.unverified))
    return Outcome(results.findings, results.unverified, notes=results.notes)


def _folders(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """``[checks.migrations] folders``: whose .sql files are migrations whatever their names."""
    folders = settings.get("folders", [])
    if not isinstance(folders, list) or not all(isinstance(one, str) for one in folders):
        raise CheckFailed('[checks.migrations] folders takes a list of folders, such as ["db/changes"].')
    return tuple(one.strip("/") for one in folders)


def _frameworks(context: Context, side: Side, kinds: set[Kind], results: _Results) -> Sequences:
    """Alembic's and Django's migrations as scripts. New ones whose Python decides are read, not replayed."""
    recorded = record(context, side, kinds)
    if side is Side.BASE:
        results.copied = speaks_of(context, list(recorded.opaque))
        return recorded.sequences
    added = {file.path for file in context.change.files if file.status == "added"}
    hidden = sorted(added & set(recorded.opaque))
    for path in hidden:
        results.doubt(
            path,
            f"What it does to rows could not be told ({recorded.opaque[path]}); it was only read. What it speaks of "
            "counts as copied before it is dropped: look whether all of it is.",
        )
    if not hidden:
        return recorded.sequences
    new = [one.path for scripts in recorded.sequences.values() for one in scripts if one.path in added]
    results.findings.extend(framework_losses(context, list(dict.fromkeys([*hidden, *new]))))
    return {
        key: tuple(script for script in scripts if script.path not in added)
        for key, scripts in recorded.sequences.items()
    }


def _pairs(base: Sequences, head: Sequences) -> Sequence[Pair]:
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
            pairs.append(Pair(key, base.get(key, ()), new, edited))
    return pairs


def _meaning(text: str) -> str:
    """A script without comments, case and spacing: what may be edited without harm."""
    return " ".join(COMMENT.sub(" ", text).lower().split())


def _compare(context: Context, pair: Pair, repository: Repository, results: _Results) -> Sequence[str] | None:
    """On the first database that can run the scripts; what none can run is only read.

    Gives the tables that were written anew, None where that could not be seen.
    """
    request = {
        "base": [[script.name, script.text] for script in pair.base],
        "head": [[script.name, script.text] for script in pair.new],
        "hints": repository.values(),
    }
    if sum(len(script.text) for script in (*pair.base, *pair.new)) > MAX_REQUEST:
        results.doubt(pair.key, "Its migrations are too large to be replayed.")
        return None
    dialect = dialect_of((*pair.base, *pair.new), context.settings)
    whys: list[str] = []
    for engine in engines(dialect):
        probe = Probe(
            entry=engine.compare, request=request, tree=False, limits=context.limits, label=f"rows {pair.key}"
        )
        trial = Trial(pair, engine, probe, context.run(Side.HEAD, probe))
        why = trial.useless()
        if not why:
            if whys and dialect not in ("any", engine.dialect):
                results.doubt(pair.key, f"{'; '.join(whys)}. {engine.name} stood in for it.")
            _tell(trial, repository, results)
            return trial.rewritten
        whys.append(why)
    results.doubt(pair.key, f"{'; '.join(whys)}. The new migrations were only read, not applied to rows.")
    results.findings.extend(static_losses(pair.new, pair.base))
    return None


def _tell(trial: Trial, repository: Repository, results: _Results) -> None:
    pair, refusal = trial.pair, trial.refusal
    scripts = {script.name: script for script in pair.new}
    if refusal is not None and refusal.certain and refusal.script in scripts:
        plan = plan_for(fails(refusal), trial)
        results.findings.append(fails_draft(refusal, scripts[refusal.script], plan))
    elif refusal is not None:
        results.doubt(
            pair.key,
            f"{refusal.script} line {refusal.line} refuses the generated rows ({refusal.error}); whether real rows "
            "pass depends on what they hold.",
        )
        results.findings.extend(static_losses(pair.new, pair.base))
    else:
        _report(trial, scripts, repository, results)


def _report(trial: Trial, scripts: Mapping[str, Script], repository: Repository, results: _Results) -> None:
    pair, reply = trial.pair, trial.reply
    losses = [
        loss for message in reply.of("loss") if (loss := decode(message, Loss)) and loss.script in scripts
    ]
    losses = [loss for loss in losses if loss.what in ("table", "rows", "some-rows", "column", "precision")]
    for loss in losses[:MAX_PROOFS]:
        used = repository.uses(loss.table, loss.column, models=pair.key == "django")
        earlier = (loss.column or loss.table).lower() in results.copied or copied_by(loss, pair.base)
        results.findings.append(
            loss_draft(loss, scripts[loss.script], used, plan_for(loss, trial), copied=earlier)
        )
    repeats = [one for message in reply.of("again") if (one := decode(message, Again))]
    results.findings.extend(again_draft(one, scripts[one.script]) for one in repeats if one.script in scripts)
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
        f"{pair.key}: {len(pair.new)} new migration(s) applied to generated rows in {count} table(s) with "
        f"{trial.engine.name}."
    )


def _refused(pair: Pair, refusal: Refusal, script: Script, repository: Repository, results: _Results) -> None:
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


def _tables_of(pair: Pair, table: str) -> list[str]:
    """A table and the one that it is renamed to at the end of a rebuild."""
    pattern = rf"alter\s+table\s+[\"`\[]?{re.escape(table)}[\"`\]]?\s+rename\s+to\s+[\"`\[]?(\w+)"
    renamed = [name for script in pair.new for name in re.findall(pattern, script.text, re.I)]
    return [table, *renamed]
