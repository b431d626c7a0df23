"""What a pipeline calls to verify, read as a pipeline: Makefiles, shell scripts, tox.ini, package.json."""

import configparser
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from .model import Job, Pipeline, Step

_RULE = re.compile(r"^([A-Za-z0-9][\w./ -]*?)\s*::?(?!=)")
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")


def is_script(path: str) -> bool:
    """Whether a file may hold the commands that pipelines call by its name."""
    pure = PurePosixPath(path)
    return pure.name in (*_MAKEFILES, "tox.ini", "package.json") or pure.suffix in (".mk", ".sh", ".bash")


def read_script(path: str, text: str) -> Pipeline:
    """Targets, environments and scripts as jobs. What cannot be read has none."""
    pure = PurePosixPath(path)
    if pure.name == "tox.ini":
        jobs = tuple(_tox(text))
    elif pure.name == "package.json":
        jobs = tuple(_package(text))
    elif pure.suffix in (".sh", ".bash"):
        jobs = (Job(pure.name, 1, (Step(0, run=text, run_line=0),)),)
    else:
        jobs = tuple(_make(text))
    return Pipeline(path, "script", jobs=jobs)


def _make(text: str) -> Iterator[Job]:
    name, start, steps = "", 1, list[Step]()
    for number, line in enumerate(text.replace("\\\n", "  ").split("\n"), 1):
        if line.startswith("\t"):
            signs, command = re.match(r"\t\s*([-@+]*)\s*(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
            steps.append(Step(number, run=command, run_line=number, may_fail="-" in signs))
            continue
        rule = _RULE.match(line)
        if rule:
            if steps:
                yield Job(name, start, tuple(steps))
            name, start, steps = rule[1], number, []
    if steps:
        yield Job(name, start, tuple(steps))


def _tox(text: str) -> Iterator[Job]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    lines = text.split("\n")
    for section in parser.sections():
        commands = parser.get(section, "commands", fallback="")
        steps = []
        for command in filter(None, (one.strip() for one in commands.split("\n"))):
            number = next((index for index, line in enumerate(lines, 1) if command in line), 1)
            run = command.lstrip("- ")
            steps.append(Step(number, run=run, run_line=number, may_fail=command.startswith("-")))
        ignored = parser.get(section, "ignore_outcome", fallback="").lower() == "true"
        yield Job(section, 1, tuple(steps), may_fail=ignored)


def _package(text: str) -> Iterator[Job]:
    try:
        scripts = json.loads(text).get("scripts")
    except (ValueError, AttributeError, RecursionError):
        return
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        if isinstance(command, str):
            number = next((i for i, line in enumerate(text.split("\n"), 1) if f'"{name}"' in line), 1)
            yield Job(str(name), number, (Step(number, run=command, run_line=number),))
