from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.load import parse_config
from harness.config.organisation import tighten
from harness.config.schema import Config
from harness.errors import ConfigError
from harness.model.finding import SEVERITIES
from harness.risk.explain import RANK
from harness.risk.policy import decide
from harness.risk.score import assess_risk
from tests.support.values import finding, summary


def merged(repository: str, organisation: str) -> Config:
    ours, theirs = parse_config(repository, "harness.toml"), parse_config(organisation, "/etc/org.toml")
    return tighten(ours, theirs, "harness.toml", "/etc/org.toml")


RULE = '[[policy.{kind}]]\nname = "{name}"\ncategory = ["static"]\n'


@pytest.mark.parametrize("kind", ["block", "review", "sign_off"])
def test_rules_of_both_stand(kind: str) -> None:
    got = merged(RULE.format(kind=kind, name="mine"), RULE.format(kind=kind, name="all"))
    assert [rule.name for rule in getattr(got.policy, kind)] == ["all", "mine"]


def test_required_checks_are_added_to_those_of_the_repository() -> None:
    got = merged('[run]\nrequired = ["a"]', '[run]\nrequired = ["b"]\nalso_required = ["c"]')
    assert got.run.required == ("a",)
    assert got.run.also_required == ("b", "c")


def test_what_manifests_require_stays_required() -> None:
    assert merged("", '[run]\nrequired = ["b"]').run.required is None


def test_the_lower_levels_and_limits_count() -> None:
    got = merged(
        "[policy]\nlevels = { medium = 10, high = 60, critical = 90 }\n[limits]\nwall_seconds = 30",
        "[policy]\nlevels = { medium = 20, high = 40, critical = 80 }\n[limits]\nwall_seconds = 60\nprocesses = 8",
    )
    assert (got.policy.levels.medium, got.policy.levels.high, got.policy.levels.critical) == (10, 40, 80)
    assert (got.limits.wall_seconds, got.limits.processes, got.limits.cpus) == (30, 8, None)


def test_paths_tools_packs_and_roles_are_joined() -> None:
    got = merged(
        '[policy]\ncritical_paths = ["a/**"]\n[run]\npacks = ["tools"]\n[roles]\nowner = ["@a"]\n'
        '[provenance.tools]\nacme = ["x"]',
        '[policy]\ncritical_paths = ["b/**"]\n[run]\npacks = ["/opt/packs"]\n[roles]\nsenior = ["@s"]\n'
        '[provenance.tools]\nacme = ["y"]\nother = ["z"]',
    )
    assert got.policy.critical_paths == ("b/**", "a/**")
    assert got.run.packs == ("/opt/packs", "tools")
    assert got.roles == {"owner": ("@a",), "senior": ("@s",)}
    assert got.provenance.tools == {"acme": ("y", "x"), "other": ("z",)}


@pytest.mark.parametrize(
    ("repository", "organisation", "words"),
    [
        ('[run]\nskip = ["a"]', '[run]\nrequired = ["a"]', "skips the check 'a'"),
        ('[run]\nonly = ["b"]', '[run]\nalso_required = ["a"]', "leaves out the check 'a'"),
        (
            "[policy]\ndefaults = false\n" + RULE.format(kind="block", name="x"),
            "",
            "turns the built-in rules off",
        ),
        (
            RULE.format(kind="block", name="x"),
            '[[policy.block]]\nname = "x"\ncategory = ["secret"]',
            "The rule 'x' of policy.block",
        ),
        ('[roles]\nsenior = ["@me"]', '[roles]\nsenior = ["@boss"]', "The role 'senior'"),
    ],
)
def test_a_contradiction_names_both_files(repository: str, organisation: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        merged(repository, organisation)
    for part in (words, "harness.toml", "/etc/org.toml"):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[run]\nskip = ["a"]', "run.skip belongs to a repository"),
        ('[sandbox]\ndriver = "docker"', "[sandbox] belongs to a repository"),
        ("[checks.a]\nb = 1", "[checks] belongs to a repository"),
        ('[run]\npacks = ["tools"]', "must be an absolute path"),
    ],
)
def test_an_organisation_cannot_speak_for_one_repository(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=r"^/etc/org\.toml") as raised:
        merged("", text)
    assert words in str(raised.value)


def rules() -> Any:
    return st.lists(
        st.tuples(
            st.sampled_from(["block", "review"]), st.sampled_from(["regression", "static", "secret"]),
            st.sampled_from(SEVERITIES), st.integers(0, 99),
        ),
        max_size=3, unique_by=lambda one: one[3],
    )  # fmt: skip


def text_of(drawn: Any, prefix: str) -> str:
    return "".join(
        f'[[policy.{kind}]]\nname = "{prefix}{n}"\ncategory = ["{category}"]\nseverity = "{severity}"\n'
        for kind, category, severity, n in drawn
    )


@given(rules(), rules(), st.sampled_from(["regression", "static", "secret"]), st.sampled_from(SEVERITIES))
def test_no_repository_makes_an_outcome_better_than_the_organisation_alone(
    mine: Any, theirs: Any, category: str, severity: str
) -> None:
    found = [finding(category=category, severity=severity)]
    both = merged(text_of(mine, "r"), text_of(theirs, "o"))
    alone = parse_config(text_of(theirs, "o"), "org")
    outcomes = []
    for config in (both, alone):
        risk = assess_risk(summary(), found, [], [], config.policy)
        outcomes.append(RANK[decide(summary(), found, [], risk, config.policy).outcome])
    assert outcomes[0] >= outcomes[1]
