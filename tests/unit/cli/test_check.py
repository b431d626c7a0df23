"""``harness check list`` and ``show``."""

import json

import pytest
from click.testing import CliRunner

from harness.cli.check import check_group


def told(*arguments: str) -> str:
    done = CliRunner().invoke(check_group, arguments)
    assert done.exception is None, done.output
    return done.output


def test_the_list_says_what_each_check_finds() -> None:
    lines = told("list").splitlines()
    assert "static_scan      Static scan (static; built in)" in lines
    assert "blast_radius     Blast radius (no findings; built in)" in lines
    assert [one["id"] for one in json.loads(told("list", "--json"))] == [line.split()[0] for line in lines]


@pytest.mark.parametrize("check", ["blast_radius", "test_replay"])
def test_a_check_is_shown_with_its_documentation(check: str) -> None:
    shown = told("show", check)
    assert shown.startswith(f"{check} 1: ")
    assert json.loads(told("show", check, "--json"))["id"] == check
