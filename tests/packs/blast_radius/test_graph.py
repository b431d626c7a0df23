"""Names of modules in a repository of several projects, by the guest's own code."""

from pathlib import Path

from tests.packs.guests import guest

graph = guest("blast_radius", "graph")


def reach(tree: Path, files: dict[str, str], *changed: str) -> dict[str, object]:
    for name, text in files.items():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    sent: list[dict[str, object]] = []

    class Channel:
        send = staticmethod(sent.append)

    graph.main({"tree": str(tree), "changed": list(changed)}, Channel)
    return sent[0]


def test_names_begin_at_the_project_that_holds_them(tmp_path: Path) -> None:
    files = {
        "libs/money/pyproject.toml": "",
        "libs/money/src/money/__init__.py": "def split(): ...\n",
        "services/billing/pyproject.toml": "",
        "services/billing/billing/invoice.py": "from money import split\n",
        "tools/report.py": "import billing.invoice\n",
    }
    found = reach(tmp_path, files, "libs/money/src/money/__init__.py")
    assert found["changed"] == ["money"]
    assert found["dependents"] == [
        ["billing.invoice", "services/billing/billing/invoice.py", 1],
        ["tools.report", "tools/report.py", 2],
    ]


def test_a_name_of_two_projects_is_nobody_s(tmp_path: Path) -> None:
    files = {
        "a/pyproject.toml": "",
        "a/app/core.py": "x = 1\n",
        "b/pyproject.toml": "",
        "b/app/core.py": "x = 1\n",
        "b/app/web.py": "from app.core import x\n",
    }
    found = reach(tmp_path, files, "a/app/core.py")
    assert found["changed"] == ["a.app.core"]
    assert found["dependents"] == []
