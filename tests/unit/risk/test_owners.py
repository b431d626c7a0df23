import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.risk.owners import owners_of, parse_owners


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "a/b/c.py", True),
        ("*.js", "deep/x.js", True),
        ("*.js", "x.jsx", False),
        ("/build/logs/", "build/logs/a/b.txt", True),
        ("/build/logs/", "src/build/logs/a.txt", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/sub/a.md", False),
        ("apps/", "x/apps/y.py", True),
        ("/apps/github", "apps/github/main.go", True),
        ("/apps/github", "apps/github.go", False),
        ("**/logs", "deploy/logs/a.txt", True),
        ("a/b.py", "x/a/b.py", False),
        ("a\\ b.txt", "a b.txt", True),
    ],
)
def test_patterns_of_github(pattern: str, path: str, owned: bool) -> None:
    assert owners_of(parse_owners(f"{pattern} @ann"), [path]) == (("@ann",) if owned else ())


def test_the_last_line_counts_and_may_take_the_owners_away() -> None:
    rules = parse_owners("# all\n* @all\n/pay/ @pay ann@example.org  # money\n/pay/docs/\n")
    assert owners_of(rules, ["a.py"]) == ("@all",)
    assert owners_of(rules, ["pay/a.py"]) == ("@pay", "ann@example.org")
    assert owners_of(rules, ["pay/docs/a.md"]) == ()


def test_sections_of_gitlab_add_up() -> None:
    text = "* @all\n[Pay][2] @pay @acme/money\n/pay/\n/pay/api.py @api\n"
    text += "^[Docs]\n*.md @docs\n!/pay/x.md\n[PAY]\nfees.py\n"
    rules = parse_owners(text)
    assert owners_of(rules, ["pay/a.py"]) == ("@all", "@pay", "@acme/money")
    assert owners_of(rules, ["pay/api.py"]) == ("@all", "@api")
    assert owners_of(rules, ["pay/readme.md"]) == ("@all", "@pay", "@acme/money", "@docs")
    assert "@docs" not in owners_of(rules, ["pay/x.md"])


def test_a_folder_in_the_pattern_stands_anywhere_on_gitlab_only() -> None:
    assert owners_of(parse_owners("a/b.py @x"), ["z/a/b.py"]) == ()
    assert owners_of(parse_owners("[S]\na/b.py @x"), ["z/a/b.py"]) == ("@x",)


def test_words_that_name_nobody_are_left_out() -> None:
    assert owners_of(parse_owners("* ann @ @bo x@"), ["a"]) == ("@bo",)


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_is_read(text: str, path: str) -> None:
    rules = parse_owners(text)
    assert all(isinstance(owner, str) for owner in owners_of(rules, [path]))
