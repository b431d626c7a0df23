"""A pipeline as this pack judges it, the same for GitHub and GitLab."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["github", "action", "gitlab", "script", "circle", "azure", "bitbucket", "jenkins"]


@dataclass(frozen=True)
class Step:
    """One step. ``line`` and ``run_line`` count from 1; ``run_line`` is where the script begins."""

    line: int
    name: str = ""
    uses: str = ""
    run: str = ""
    run_line: int = 1
    condition: str = ""
    may_fail: bool = False
    values: dict[str, str] = field(default_factory=dict)
    """``with`` of an action."""
    env: dict[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Name of the action without its version."""
        return self.uses.partition("@")[0]

    @property
    def ref(self) -> str:
        """Version, tag, branch or commit of the action."""
        return self.uses.partition("@")[2]


@dataclass(frozen=True)
class Job:
    """One job. ``permissions`` is None when it has none of its own."""

    id: str
    line: int
    steps: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    condition: str = ""
    may_fail: bool = False
    manual: bool = False
    uses: str = ""
    inherits_secrets: bool = False
    environment: str = ""
    runners: tuple[str, ...] = ()
    permissions: dict[str, str] | None = None
    permissions_line: int = 1
    env: dict[str, str] = field(default_factory=dict)

    @property
    def off(self) -> bool:
        """Whether its condition can never hold."""
        return self.condition.strip().strip("${}() ").lower() in ("false", "0", "'false'", "never")


@dataclass(frozen=True)
class Pipeline:
    """One file. ``triggers`` maps an event to its line (GitHub only)."""

    path: str
    kind: Kind
    triggers: dict[str, int] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    permissions: dict[str, str] | None = None
    permissions_line: int = 1
    env: dict[str, str] = field(default_factory=dict)
    filters: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """By event its filters: ``paths``, ``paths-ignore``, ``branches`` (GitHub only)."""
    remote_includes: tuple[tuple[str, int], ...] = ()

    def rights(self, job: Job) -> dict[str, str] | None:
        """The rights of the job's token; None: the repository's default, which is not known here."""
        return job.permissions if job.permissions is not None else self.permissions
