import pytest

from harness.config.load import parse_config
from harness.config.project import all_needs
from harness.errors import ConfigError

THREE = """
[project.money]
root = "libs/money"
[project.ledger]
root = "libs/ledger"
needs = ["money"]
[project.billing]
root = "services/billing"
needs = ["ledger"]
[project.billing.tests]
command = "make check"
[project.billing.setup]
commands = ["pip install --target /deps -r requirements.txt"]
"""


def test_a_project_has_tests_and_dependencies_of_its_own() -> None:
    billing = parse_config(THREE, "harness.toml").project["billing"]
    assert billing.root == "services/billing"
    assert billing.tests is not None
    assert billing.tests.command == "make check"
    assert billing.setup is not None
    assert billing.setup.commands == ("pip install --target /deps -r requirements.txt",)


def test_needs_are_followed() -> None:
    projects = parse_config(THREE, "harness.toml").project
    assert all_needs(projects, "billing") == ("ledger", "money")
    assert all_needs(projects, "money") == ()


def test_projects_that_need_each_other_end() -> None:
    text = '[project.a]\nroot = "a"\nneeds = ["b"]\n[project.b]\nroot = "b"\nneeds = ["a"]\n'
    assert all_needs(parse_config(text, "t").project, "a") == ("b",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[project.a]\nroot = "../a"\n', "no folder below the repository"),
        ('[project.a]\nroot = "/a"\n', "no folder below the repository"),
        ('[project.a]\nroot = "."\n', "no folder below the repository"),
        ('[project.a]\nroot = ""\n', "no folder below the repository"),
        ('[project.a]\nroot = "x/"\n', "no folder below the repository"),
        ('[project.a]\nroot = ".git/hooks"\n', "no folder below the repository"),
        ('[project.a]\nroot = "x"\nneeds = ["c"]\n', "no other project 'c'"),
        ('[project.a]\nroot = "x"\nneeds = ["a"]\n', "no other project 'a'"),
        ('[project.a]\nroot = "x"\n[project.b]\nroot = "x/y"\n', "project.b lies in project.a"),
        ('[project.a]\nroot="x"\n[project.c]\nroot="x-y"\n[project.b]\nroot="x/y"\n', "project.b lies in project.a"),
        ('[project.a]\nroot = "x"\n[project.b]\nroot = "x"\n', "lies in"),
        ('[project."a b"]\nroot = "x"\n', "a name has letters"),
        ('[project.a]\nroots = "x"\n', "did you mean 'root'"),
        ("[project.a]\n", "root"),
        ('[project.a]\nroot = "x"\n[project.a.tests]\nreport = "../r.xml"\n', "project.a.tests.report"),
        ('[project.a]\nroot = "x"\n[project.a.setup]\nallow = ["pypi.org:443"]\n', "project.a.setup has no commands"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "harness.toml")
    assert said in str(caught.value)
    assert "harness.toml" in str(caught.value)


def test_folders_with_like_names_are_beside_each_other() -> None:
    text = '[project.a]\nroot = "x"\n[project.b]\nroot = "x-y"\n[project.c]\nroot = "xy/z"\n'
    assert len(parse_config(text, "t").project) == 3
