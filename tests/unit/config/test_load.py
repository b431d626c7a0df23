import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.load import parse_config
from harness.config.schema import Config
from harness.errors import ConfigError


def test_an_empty_file_is_the_defaults() -> None:
    assert parse_config("", "harness.toml") == Config()


def test_every_table_is_read() -> None:
    config = parse_config(
        """
        [sandbox]
        driver = "bubblewrap"
        python = ".venv/bin/python"
        [limits]
        wall_seconds = 30
        memory_mb = 512
        [run]
        skip = ["infra_plan"]
        jobs = 4
        [policy]
        critical_paths = ["pay/**"]
        levels = { medium = 10, high = 20, critical = 30 }
        [[policy.block]]
        name = "own"
        category = ["static"]
        severity = "high"
        [provenance.tools]
        acme = ["acme-bot"]
        [checks.property_tests]
        examples = 10
        """,
        "harness.toml",
    )
    assert config.sandbox.driver == "bubblewrap"
    assert config.limits.memory_mb == 512
    assert config.run.jobs == 4
    assert config.policy.block[0].severity == "high"
    assert config.checks == {"property_tests": {"examples": 10}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sandbox]\ndrivr = 1", "there is no key 'sandbox.drivr'; did you mean 'driver'?"),
        ("[sandbx]", "there is no key 'sandbx'; did you mean 'sandbox'?"),
        (
            '[[policy.block]]\nname = "x"\ncategry = []',
            "no key 'policy.block[0].categry'; did you mean 'category'?",
        ),
        ("[policy.levels]\nmiddle = 3", "there is no key 'policy.levels.middle'"),
        ("[run]\njobs = 0", "run.jobs: Expected `int` >= 1."),
        ('[run]\nonly = "x"', "run.only: Expected `array`, got `str`."),
        (
            '[[policy.block]]\nname = "x"\ncategory = ["bug"]',
            "policy.block[0].category[0]: Invalid enum value 'bug'.",
        ),
        ('[[policy.block]]\ncategory = ["static"]', "missing required field `name`"),
        ("x =", "is not valid TOML"),
        ("[policy.levels]\nmedium = 60\nhigh = 50", "policy.levels must ascend"),
        ('[provenance.tools]\nx = ["("]', "is no regular expression"),
        ("[policy]\ndefaults = false", "nothing could ever block"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_config(text, "harness.toml")
    assert words in str(raised.value)
    assert str(raised.value).startswith("harness.toml")


@given(st.text(max_size=200))
def test_any_text_is_a_configuration_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(parse_config(text, "harness.toml"), Config)
