"""Everything before the first sandbox: configuration from base, packs, snapshots, the plan."""

import functools
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import platformdirs

from harness.change.git import Shadow
from harness.change.provenance import assess
from harness.change.resolve import resolve_change, unified_diff
from harness.change.snapshots import SnapshotStore
from harness.check.loader import Pack, find_packs
from harness.config.load import FILE_NAME, nearest, parse_config
from harness.config.organisation import VARIABLE, tighten
from harness.config.schema import Config
from harness.errors import ConfigError, UsageError
from harness.model.change import Change
from harness.model.finding import Finding, Location
from harness.model.snapshot import Snapshot
from harness.replay.plan import DEFAULT_BUDGET, Plan, default_jobs
from harness.replay.projects import WHOLE, Part, divide
from harness.replay.suppressing import additions
from harness.risk.owners import PLACES, OwnerRule, parse_owners
from harness.risk.people import People


@dataclass(frozen=True)
class Request:
    """What the user asked for; None and empty mean that the configuration decides."""

    repository: Path
    state: Path
    base: str | None = None
    head: str | None = None
    worktree: bool = False
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    policy: Path | None = None
    budget: float | None = None
    jobs: int | None = None
    report_name: str = "harness-report"
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Settings of checks that were given as options, by check; they stand over those of the policy."""


@dataclass(frozen=True)
class Prepared:
    """A plan, the configuration behind it, and the diffs for the report (path to unified diff)."""

    plan: Plan
    config: Config
    worktree: Path
    diffs: dict[str, str] = field(default_factory=dict)


def prepare(request: Request) -> Prepared:
    """Read and check everything that a run needs. Raises HarnessError; nothing is run yet."""
    with Shadow(request.repository) as shadow:
        change = resolve_change(shadow, request.base, request.head, request.worktree)
        store = SnapshotStore(request.state / "snapshots")
        base = store.materialise(shadow, change.base_tree)
        head = store.materialise(shadow, change.head_tree, like=base)
        config, source = read_policy(request.policy, base, change)
        ai = assess(change.commits, config.provenance.tools)
        change = msgspec.structs.replace(change, ai=ai)
        diffs = unified_diff(shadow, change)
        worktree = shadow.worktree
        config = with_settings(config, request.settings)
        whole = Part(WHOLE, change, base, head, config)
        divided = divide(shadow, whole, functools.partial(store.materialise, shadow))
    packs, left_out = choose_packs(request, config, base, request.repository)
    plan = Plan(
        change=change, base=base, head=head, packs=packs, left_out=left_out, config=config, policy_source=source,
        repository=str(request.repository.resolve()), report_name=request.report_name,
        jobs=request.jobs or config.run.jobs or default_jobs(),
        budget=request.budget or config.run.budget_seconds or DEFAULT_BUDGET,
        extra=own_findings(change, base, head, with_policy=request.policy is None),
        people=People(config.roles, read_owners(base)),
        notes=divided.notes, unverified=divided.unverified, parts=divided.parts,
    )  # fmt: skip
    return Prepared(plan, config, worktree, diffs)


def read_policy(file: Path | None, base: Snapshot, change: Change) -> tuple[Config, str]:
    """(configuration, where it came from): ``--policy``, else harness.toml on base, else defaults.

    What the organisation's policy demands stands above either. Raises ConfigError.
    """
    found = base.read_text(FILE_NAME) if file is None else None
    source = f"{FILE_NAME} at {change.base[:10]}" if found is not None else "defaults"
    if file is not None:
        config, source = read_policy_file(file), str(file)
    else:
        config = parse_config(found or "", source)
    return under_organisation(config, source)


def with_settings(config: Config, settings: Mapping[str, Mapping[str, str]]) -> Config:
    """The configuration with settings of checks over those that it has."""
    checks = {name: {**config.checks.get(name, {}), **given} for name, given in settings.items()}
    return msgspec.structs.replace(config, checks={**config.checks, **checks})


def read_policy_file(file: Path) -> Config:
    """The configuration in a file that the user or the organisation names. Raises ConfigError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"The policy {file} cannot be read: {problem}.") from None
    return parse_config(text, str(file))


def under_organisation(config: Config, source: str) -> tuple[Config, str]:
    """``config`` tightened by the file that the environment names, if any, and where both came from."""
    name = os.environ.get(VARIABLE, "")
    if not name:
        return config, source
    organisation = read_policy_file(Path(name))
    return tighten(config, organisation, source, name), f"{source}, tightened by {name}"


def read_owners(base: Snapshot) -> tuple[OwnerRule, ...]:
    """The rules of CODEOWNERS as it stands on base; none when there is none."""
    for place in PLACES:
        text = base.read_text(place)
        if text is not None:
            return parse_owners(text)
    return ()


def choose_packs(
    request: Request, config: Config, base: Snapshot, repository: Path
) -> tuple[list[Pack], dict[str, str]]:
    """(packs to run, id to reason of those left out). Raises ConfigError for an unknown id."""
    packs = find_packs([(pack_folder(name, base), f"{FILE_NAME}: {name}") for name in config.run.packs])
    ids = [pack.id for pack in packs]
    asked = [*request.only, *request.skip, *config.run.only, *config.run.skip, *config.run.also_required]
    asked += config.run.required or ()
    for name in [*asked, *config.checks]:
        if name not in ids:
            raise ConfigError(f"There is no check {name!r}{nearest(name, ids)}")
    only = set(request.only) or set(config.run.only)
    skip = set(request.skip) | set(config.run.skip)
    left_out = {}
    for name in ids:
        if only and name not in only:
            left_out[name] = (
                "not chosen by --only" if request.only else "not chosen by run.only of the policy"
            )
        elif name in skip:
            left_out[name] = (
                "left out by --skip" if name in request.skip else "left out by run.skip of the policy"
            )
    chosen = [pack for pack in packs if pack.id not in left_out]
    if not chosen:
        raise UsageError("No check is left to run; choose fewer in --skip or others in --only.")
    return chosen, left_out


def pack_folder(name: str, base: Snapshot) -> Path:
    """An absolute folder from disk; a relative one as it stands on base, never on head."""
    path = Path(name)
    if path.is_absolute():
        return path
    if ".." in path.parts:
        raise ConfigError(f"run.packs: {name!r} leaves the repository; give an absolute path.")
    folder = base.path / path
    if not folder.is_dir() or folder.is_symlink():
        raise ConfigError(f"run.packs: there is no folder {name!r} on base.")
    return folder


def own_findings(change: Change, base: Snapshot, head: Snapshot, *, with_policy: bool) -> tuple[Finding, ...]:
    """What the harness itself says of a change: it edits the policy, it adds suppressions."""
    found = [*(policy_edits(base, head) if with_policy else ()), *additions(change, base, head)]
    return tuple(msgspec.structs.replace(one, id=f"P{number}") for number, one in enumerate(found, start=1))


def policy_edits(base: Snapshot, head: Snapshot) -> tuple[Finding, ...]:
    """A finding for a change that edits harness.toml, with what it would have altered."""
    before, after = base.read_text(FILE_NAME), head.read_text(FILE_NAME)
    if before == after:
        return ()
    try:
        new = parse_config(after or "", f"{FILE_NAME} on head")
        old = parse_config(before or "", f"{FILE_NAME} on base")
        altered = _altered(msgspec.to_builtins(old), msgspec.to_builtins(new))
        said = (
            "It would alter: " + "; ".join(altered[:20]) + "." if altered else "No setting changes its value."
        )
        severity = "medium" if altered else "info"
    except ConfigError as problem:
        said, severity = f"It would not be accepted: {problem}", "medium"
    return (
        Finding(
            id="P1", fingerprint="policy-changed", check="harness", rule="policy-changed", category="pipeline",
            severity=severity, title="The change edits the policy that judges changes",  # type: ignore[arg-type]
            message=f"This run used {FILE_NAME} as it stands on base. {said}", location=Location(FILE_NAME, 1),
        ),
    )  # fmt: skip


def _altered(old: object, new: object, place: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted({*old, *new}):
            found += _altered(old.get(key), new.get(key), f"{place}.{key}" if place else str(key))
        return found
    return [] if old == new else [f"{place}: {_short(old)} → {_short(new)}"]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "…"


def state_folder() -> Path:
    """Where snapshots, caches and records of live sandboxes are kept for this user."""
    folder = Path(platformdirs.user_cache_dir("change-harness"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"change-harness-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
