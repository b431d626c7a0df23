"""Reading harness.toml strictly: an unknown key is an error that names the nearest right one."""

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from harness.config.project import check_projects, check_tests
from harness.config.schema import Config
from harness.config.setup import check_setup
from harness.errors import ConfigError

FILE_NAME = "harness.toml"
MAX_BYTES = 1 << 20
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def parse_config(text: str, source: str) -> Config:
    """The configuration in ``text``; ``source`` names it in errors. Raises ConfigError."""
    if len(text) > MAX_BYTES:
        raise ConfigError(f"{source} is larger than 1 MiB; that is no configuration.")
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise ConfigError(f"{source} is not valid TOML: {problem}. Correct that line.") from None
    for place, key, known in unknown_keys(table, Config):
        raise ConfigError(f"{source}: there is no key '{place}{key}'{nearest(key, known)}")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as problem:
        raise ConfigError(f"{source}: {_sentence(str(problem))}") from None
    _check(config, source)
    return config


def nearest(name: str, known: Sequence[str]) -> str:
    """The end of a sentence about an unknown name: the nearest right one, or all of them."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are: {', '.join(sorted(known))}."


def unknown_keys(table: Any, kind: Any, place: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """(place, key, known keys) of every key in ``table`` that the struct ``kind`` lacks."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        kind = next((one for one in typing.get_args(kind) if _is_struct(one)), None)
    elif origin is tuple and isinstance(table, list):
        for index, item in enumerate(table):
            yield from unknown_keys(item, typing.get_args(kind)[0], f"{place.rstrip('.')}[{index}].")
        return
    if origin is dict and isinstance(table, dict):
        for name, item in table.items():
            yield from unknown_keys(item, typing.get_args(kind)[1], f"{place}{name}.")
        return
    if not _is_struct(kind) or not isinstance(table, dict):
        return
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        if key not in fields:
            yield place, key, sorted(fields)
        else:
            yield from unknown_keys(value, fields[key], f"{place}{key}.")


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _sentence(words: str) -> str:
    found = _PATH.search(words)
    if not found:
        return words + "."
    return f"{found['path'].lstrip('.') or 'the file'}: {words[: found.start()]}."


def _check(config: Config, source: str) -> None:
    levels = config.policy.levels
    if not 0 < levels.medium < levels.high < levels.critical <= 100:
        raise ConfigError(f"{source}: policy.levels must ascend between 1 and 100: medium, high, critical.")
    for tool, patterns in config.provenance.tools.items():
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as problem:
                raise ConfigError(
                    f"{source}: provenance.tools.{tool}: {pattern!r} is no regular expression: {problem}."
                ) from None
    if not config.policy.defaults and not config.policy.block:
        raise ConfigError(
            f"{source}: policy.defaults is false and policy.block is empty, so nothing could ever block; "
            "give at least one [[policy.block]] rule."
        )
    for number, entry in enumerate(config.suppress):
        if not entry.reason.strip() or not entry.rule.strip():
            raise ConfigError(
                f"{source}: suppress[{number}] needs a rule and a reason; write why it is accepted."
            )
    check_tests(config.tests, f"{source}: tests")
    check_projects(config.project, source)
    _check_agreement(config, source)
    check_setup(config.sandbox.setup, f"{source}: sandbox.setup")


def _check_agreement(config: Config, source: str) -> None:
    """Two settings that cannot both hold are an error that names both."""
    run, policy = config.run, config.policy
    for name in (*(run.required or ()), *run.also_required):
        if name in run.skip:
            raise ConfigError(
                f"{source}: check {name!r} is in run.required and in run.skip; take it out of one."
            )
        if run.only and name not in run.only:
            raise ConfigError(
                f"{source}: check {name!r} is in run.required and not in run.only; add it there."
            )
    for name in run.only:
        if name in run.skip:
            raise ConfigError(f"{source}: check {name!r} is in run.only and in run.skip; take it out of one.")
    for kind, rules in (("block", policy.block), ("review", policy.review), ("sign_off", policy.sign_off)):
        names = [rule.name for rule in rules]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ConfigError(
                    f"{source}: policy.{kind}[{names.index(name)}] and policy.{kind}[{place}] are both named "
                    f"{name!r}; give each rule a name of its own."
                )
    for rule in (*policy.block, *policy.review, *policy.sign_off):
        for role in rule.author_roles:
            if role not in config.roles:
                raise ConfigError(
                    f"{source}: rule {rule.name!r} names the role {role!r}, which [roles] does not have"
                    f"{nearest(role, list(config.roles)) if config.roles else '; add it there.'}"
                )
    for role, people in config.roles.items():
        if not people:
            raise ConfigError(f"{source}: roles.{role!r} names nobody; give at least one person or team.")
