"""The policy of an organisation over that of a repository, which can only tighten it. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from harness.config.schema import Condition, Config, Levels, LimitsConfig, PolicyConfig, RunConfig
from harness.errors import ConfigError

VARIABLE = "HARNESS_ORG_POLICY"
"""Environment variable that names the organisation's file."""
Rule = TypeVar("Rule", bound=Condition)
_NOT_FOR_ALL = ("sandbox", "checks", "suppress", "project")
_RUN_OF_ALL = ("required", "also_required", "packs")


def tighten(repository: Config, organisation: Config, ours: str, theirs: str) -> Config:
    """The repository's configuration with everything that the organisation demands.

    Rules, required checks, packs, critical paths and patterns of assistants are joined; of levels
    and limits the lower ones count. ``ours`` and ``theirs`` name the repository's and the
    organisation's file. Raises ConfigError, naming both, where they contradict each other.
    """
    _check_organisation(organisation, theirs)
    _check_run(repository.run, organisation.run, ours, theirs)
    return msgspec.structs.replace(
        repository,
        limits=_lower_limits(repository.limits, organisation.limits),
        run=msgspec.structs.replace(
            repository.run,
            also_required=_join(required_by(organisation), repository.run.also_required),
            packs=_join(organisation.run.packs, repository.run.packs),
        ),
        policy=_policy(repository.policy, organisation.policy, ours, theirs),
        provenance=msgspec.structs.replace(
            repository.provenance,
            tools=_join_tables(repository.provenance.tools, organisation.provenance.tools),
        ),
        roles=_roles(repository.roles, organisation.roles, ours, theirs),
    )


def required_by(organisation: Config) -> tuple[str, ...]:
    """Checks that the organisation wants completed."""
    return _join(organisation.run.required or (), organisation.run.also_required)


def _check_organisation(organisation: Config, theirs: str) -> None:
    """What depends on one repository, or would loosen, has no place in an organisation's file."""
    plain = Config()
    for section in _NOT_FOR_ALL:
        if getattr(organisation, section) != getattr(plain, section):
            raise ConfigError(
                f"{theirs}: [{section}] belongs to a repository; take it out of the organisation's policy."
            )
    for field in RunConfig.__struct_fields__:
        if field not in _RUN_OF_ALL and getattr(organisation.run, field) != getattr(plain.run, field):
            raise ConfigError(
                f"{theirs}: run.{field} belongs to a repository; take it out of the organisation's policy."
            )
    for pack in organisation.run.packs:
        if not pack.startswith("/"):
            raise ConfigError(
                f"{theirs}: run.packs: {pack!r} must be an absolute path in an organisation's policy."
            )


def _check_run(mine: RunConfig, organisation: RunConfig, ours: str, theirs: str) -> None:
    for name in _join(organisation.required or (), organisation.also_required):
        if name in mine.skip:
            raise ConfigError(
                f"{ours} skips the check {name!r} (run.skip) and {theirs} requires it (run.required); "
                "take it out of run.skip."
            )
        if mine.only and name not in mine.only:
            raise ConfigError(
                f"{ours} leaves out the check {name!r} (run.only) and {theirs} requires it (run.required); "
                "add it to run.only."
            )


def _policy(mine: PolicyConfig, organisation: PolicyConfig, ours: str, theirs: str) -> PolicyConfig:
    if organisation.defaults and not mine.defaults:
        raise ConfigError(
            f"{ours} turns the built-in rules off (policy.defaults) and {theirs} keeps them; "
            "take policy.defaults out of the repository's policy."
        )
    return msgspec.structs.replace(
        mine,
        block=_rules("block", mine.block, organisation.block, ours, theirs),
        review=_rules("review", mine.review, organisation.review, ours, theirs),
        sign_off=_rules("sign_off", mine.sign_off, organisation.sign_off, ours, theirs),
        levels=Levels(
            min(mine.levels.medium, organisation.levels.medium),
            min(mine.levels.high, organisation.levels.high),
            min(mine.levels.critical, organisation.levels.critical),
        ),
        critical_paths=_join(organisation.critical_paths, mine.critical_paths),
    )


def _rules(
    kind: str, mine: Sequence[Rule], organisation: Sequence[Rule], ours: str, theirs: str
) -> tuple[Rule, ...]:
    """The organisation's rules, then the repository's; one name cannot mean two rules."""
    fixed = {rule.name: rule for rule in organisation}
    for rule in mine:
        if rule.name in fixed and fixed[rule.name] != rule:
            raise ConfigError(
                f"The rule {rule.name!r} of policy.{kind} stands in {ours} and, differently, in {theirs}; "
                "give the repository's rule another name."
            )
    return (*organisation, *(rule for rule in mine if rule.name not in fixed))


def _roles(
    mine: Mapping[str, tuple[str, ...]], organisation: Mapping[str, tuple[str, ...]], ours: str, theirs: str
) -> dict[str, tuple[str, ...]]:
    for role, people in organisation.items():
        if role in mine and set(mine[role]) != set(people):
            raise ConfigError(
                f"The role {role!r} stands in [roles] of {ours} and, with other people, of {theirs}; "
                "take it out of the repository's policy."
            )
    return {**mine, **organisation}


def _lower_limits(mine: LimitsConfig, organisation: LimitsConfig) -> LimitsConfig:
    lowest = {}
    for field in LimitsConfig.__struct_fields__:
        given = [value for value in (getattr(mine, field), getattr(organisation, field)) if value is not None]
        lowest[field] = min(given, default=None)
    return LimitsConfig(**lowest)


def _join_tables(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {name: _join(other.get(name, ()), one.get(name, ())) for name in {**other, **one}}


def _join(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
