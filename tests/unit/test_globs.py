import pytest

from harness.globs import matches


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("*.py", "x/a.py", False),
        ("pay/**", "pay/a/b", True),
        ("pay/**", "payments/a", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("a+b(c)", "a+b(c)", True),
        (".github/workflows/*.y*ml", ".github/workflows/ci.yaml", True),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    assert matches([glob], path) is expected
