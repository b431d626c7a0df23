"""The typed form of harness.toml. Every key is documented here and in docs/configuration.md."""

import datetime
from typing import Annotated, Any, Literal

import msgspec

from harness.config.project import ProjectConfig, TestsConfig
from harness.config.setup import SetupConfig
from harness.model.finding import Category, ProofStatus, Severity
from harness.model.report import Level

Positive = Annotated[float, msgspec.Meta(gt=0)]
PositiveInt = Annotated[int, msgspec.Meta(gt=0)]


class SandboxConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[sandbox]``: where jobs run."""

    driver: str = "auto"
    """``auto`` (Docker where its daemon answers, else bubblewrap) or the name of a driver."""
    python: str | None = None
    """Interpreter of the project under test, relative to the repository; bubblewrap driver."""
    image: str | None = None
    """Container image, pinned by digest where it is pulled; docker driver."""
    runtime: str | None = None
    """OCI runtime, such as ``runsc``; docker driver."""
    allow_pull: bool = False
    """Whether an image that is not pinned by digest may be pulled."""
    setup: SetupConfig = SetupConfig()
    """How the project's dependencies get into sandboxes."""


class LimitsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[limits]``: upper bounds of one sandbox, over those of the checks' own manifests."""

    wall_seconds: Positive | None = None
    cpu_seconds: Positive | None = None
    cpus: Positive | None = None
    memory_mb: PositiveInt | None = None
    processes: PositiveInt | None = None
    open_files: PositiveInt | None = None
    file_mb: PositiveInt | None = None
    disk_mb: PositiveInt | None = None
    disk_inodes: PositiveInt | None = None
    output_mb: PositiveInt | None = None
    collect_mb: PositiveInt | None = None
    collect_files: PositiveInt | None = None


class RunConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[run]``: what is run, and for how long."""

    only: tuple[str, ...] = ()
    """Ids of the checks to run; empty: all."""
    skip: tuple[str, ...] = ()
    """Ids of checks not to run."""
    required: tuple[str, ...] | None = None
    """Checks that must complete for any verdict; default: those whose manifests say so."""
    also_required: tuple[str, ...] = ()
    """Checks that must complete besides those."""
    packs: tuple[str, ...] = ()
    """Folders of further check packs: relative ones are read from base, absolute ones from disk."""
    leave_out: tuple[str, ...] = ()
    """Globs of files that code under test does not see: texts, pictures. Checks that read the change see them."""
    jobs: PositiveInt | None = None
    """Sandboxes at a time; default: number of cores and one."""
    budget_seconds: Positive | None = None
    """Wall-clock budget of the whole run; default: 600."""


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule matches. Everything that is given must hold; lists mean one of them."""

    name: str
    because: str = ""
    category: tuple[Category, ...] = ()
    check: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    severity: Severity | None = None
    """At least this severity."""
    proof: tuple[ProofStatus, ...] = ()
    declared: bool | None = None
    certainty: tuple[Literal["certain", "conditional", "undetermined"], ...] = ()
    paths: tuple[str, ...] = ()
    """Globs over the finding's path; ``**`` crosses folders."""
    ai_assisted: bool | None = None
    ai_tools: tuple[str, ...] = ()
    """Assistants by name; the change was made with one of them."""
    author_roles: tuple[str, ...] = ()
    """Roles of ``[roles]``; who wrote or committed the change has one of them. Authors are what commits
    say, so use this to ask for more."""
    level: Level | None = None
    """At least this risk level. A rule with only ``level``, ``ai_*`` or ``author_roles`` needs no finding."""


class SignOffRule(Condition, frozen=True, forbid_unknown_fields=True):
    """A rule that asks for human approvals: ``count`` people of ``role``."""

    role: str = "senior"
    count: PositiveInt = 1


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lowest risk score of each level."""

    medium: int = 25
    high: int = 50
    critical: int = 75


class PolicyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[policy]``: what blocks, what needs a review, who must sign off."""

    defaults: bool = True
    """Whether the built-in rules stand besides those given here."""
    block: tuple[Condition, ...] = ()
    review: tuple[Condition, ...] = ()
    sign_off: tuple[SignOffRule, ...] = ()
    levels: Levels = Levels()
    critical_paths: tuple[str, ...] = ()
    """Globs of files whose change adds half as much again to the risk."""


class CacheConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[cache]``: where results of earlier runs are found; docs/performance.md."""

    max_mb: PositiveInt = 2048
    """Most that is kept on this machine; the least recently used goes first."""
    url: str | None = None
    """A shared place besides, for fsspec: ``s3://bucket/results``, ``gs://…``, ``file:///mnt/results``."""
    writes: bool = False
    """Whether results are put there as well. Only for jobs that no author of a change controls."""


class ProvenanceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[provenance]``: how assistants are recognised, besides the built-in patterns."""

    tools: dict[str, tuple[str, ...]] = {}
    """Tool name to regular expressions over trailers and authors."""


class SuppressConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[suppress]]``: findings that are accepted for a time. Only what stands on base counts."""

    rule: str
    """A rule, ``CHECK/RULE``, or ``CHECK/*``."""
    until: datetime.date
    """The last day (UTC) on which it counts, ``YYYY-MM-DD``."""
    reason: str
    paths: tuple[str, ...] = ()
    """Globs over the finding's path; empty: everywhere."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """harness.toml as a whole. ``checks`` holds one table a check id, read by that check."""

    sandbox: SandboxConfig = SandboxConfig()
    limits: LimitsConfig = LimitsConfig()
    run: RunConfig = RunConfig()
    tests: TestsConfig = TestsConfig()
    project: dict[str, ProjectConfig] = {}
    """Projects of a repository that holds several, by name."""
    policy: PolicyConfig = PolicyConfig()
    provenance: ProvenanceConfig = ProvenanceConfig()
    cache: CacheConfig = CacheConfig()
    roles: dict[str, tuple[str, ...]] = {}
    """Role, or team, to the people who may sign off for it: ``@user``, ``@org/team``, an address,
    or ``CODEOWNERS`` for the owners of the changed files."""
    suppress: tuple[SuppressConfig, ...] = ()
    """Findings that are accepted until a day, with a reason."""
    checks: dict[str, dict[str, Any]] = {}
