"""Helm charts: compared as rendered where helm is there, else asked about."""

import sys

import pytest

from tests.packs.kubernetes.test_kubernetes_check import PVC, SET
from tests.packs.two_trees import verify

HELM = f"""#!{sys.executable}
import pathlib, re, sys
chart = pathlib.Path(sys.argv[3])
if (chart / "broken").exists():
    sys.exit("Error: found in Chart.yaml, but missing in charts/ directory: redis.")
values = dict(re.findall(r"(?m)^(\\w+): *(.*)$", (chart / "values.yaml").read_text()))
for path in sorted((chart / "templates").glob("*.yaml")):
    text = re.sub(r"{{{{ *\\.Values\\.(\\w+) *}}}}", lambda m: values[m[1]], path.read_text())
    print(f"---\\n# Source: shop/templates/{{path.name}}\\n{{text}}")
"""
VALUES = "name: data\nsize: 20Gi\ntag: 15\n"
CHART = {
    "deploy/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "deploy/shop/values.yaml": VALUES,
    "deploy/shop/templates/claim.yaml": PVC.replace("data", "{{ .Values.name }}").replace(
        "20Gi", "{{ .Values.size }}"
    ),
    "deploy/shop/templates/set.yaml": SET.replace("postgres:15", "postgres:{{ .Values.tag }}"),
}
STORAGE = "db:\n  replicaCount: 3\n  image: postgres:15\n  persistence:\n    enabled: true\n    size: 20Gi\n"


@pytest.fixture
def helm(tmp_path, monkeypatch):
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "helm").write_text(HELM)
    (folder / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.fixture
def no_helm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


def both(**changes):
    return CHART, {**CHART, **{f"deploy/shop/{name}": text for name, text in changes.items()}}


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("name: data", "name: files", "kubernetes-deleted"),
        ("size: 20Gi", "size: 2Gi", "kubernetes-storage"),
    ],
)
def test_values_reach_the_objects(old, new, rule, tmp_path):
    outcome, _ = verify("kubernetes", tmp_path, *both(**{"values.yaml": VALUES.replace(old, new)}))
    assert [one.rule for one in outcome.findings] == [rule]
    assert outcome.findings[0].location.path == "deploy/shop/templates/claim.yaml"
    assert list(outcome.unverified) == []


@pytest.mark.usefixtures("helm")
def test_a_new_tag_and_a_renamed_template_are_silent(tmp_path):
    base, head = both(**{"values.yaml": VALUES.replace("tag: 15", "tag: 16")})
    head["deploy/shop/templates/volume.yaml"] = head.pop("deploy/shop/templates/claim.yaml")
    outcome, _ = verify("kubernetes", tmp_path, base, head)
    assert (list(outcome.findings), list(outcome.unverified)) == ([], [])


@pytest.mark.usefixtures("helm")
def test_a_chart_that_renders_on_one_side_only_is_no_deletion(tmp_path):
    outcome, _ = verify("kubernetes", tmp_path, *both(broken="", **{"values.yaml": VALUES + "x: 1\n"}))
    assert list(outcome.findings) == []
    assert "missing in charts/ directory: redis" in outcome.unverified[0].why


@pytest.mark.usefixtures("no_helm")
@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("replicaCount: 3", "replicaCount: 0", "db.replicaCount"),
        ("enabled: true", "enabled: false", "db.persistence.enabled"),
        ("size: 20Gi", "size: 2Gi", "db.persistence.size"),
    ],
)
def test_values_that_hold_data_are_asked_about_without_helm(old, new, place, tmp_path):
    base, head = (
        {**CHART, "deploy/shop/values.yaml": STORAGE},
        both(**{"values.yaml": STORAGE.replace(old, new)})[1],
    )
    outcome, _ = verify("kubernetes", tmp_path, base, head)
    assert [(one.rule, one.certainty, one.key.strip()) for one in outcome.findings] == [
        ("kubernetes-values", "conditional", place)
    ]
    assert "helm is not on the PATH" in outcome.unverified[0].why


@pytest.mark.usefixtures("no_helm")
@pytest.mark.parametrize(
    ("old", "new"), [("postgres:15", "postgres:16"), ("replicaCount: 3", "replicaCount: 5"), ("20Gi", "40Gi")]
)
def test_other_values_are_only_said_to_be_unverified(old, new, tmp_path):
    base, head = (
        {**CHART, "deploy/shop/values.yaml": STORAGE},
        both(**{"values.yaml": STORAGE.replace(old, new)})[1],
    )
    outcome, _ = verify("kubernetes", tmp_path, base, head)
    assert list(outcome.findings) == []
    assert [item.what for item in outcome.unverified] == ["chart deploy/shop"]


GUARDED = STORAGE + "securityContext:\n  runAsNonRoot: true\n"


@pytest.mark.parametrize(
    ("new", "places"),
    [
        ("  runAsNonRoot: true\n  readOnlyRootFilesystem: true\n", []),
        ("  runAsNonRoot: false\n", ["securityContext.runAsNonRoot"]),
        ("  runAsNonRoot: true\n  privileged: true\n", ["securityContext.privileged"]),
        ("  runAsUser: 0\n", ["securityContext.runAsNonRoot", "securityContext.runAsUser"]),
        ("  runAsNonRoot: true\n  runAsUser: 1000\n", []),
    ],
)
def test_values_that_give_rights_are_asked_about_without_helm(new, places, tmp_path):
    head = {"values.yaml": GUARDED.replace("  runAsNonRoot: true\n", new)}
    base, after = {**CHART, "deploy/shop/values.yaml": GUARDED}, both(**head)[1]
    outcome, _ = verify("kubernetes", tmp_path, base, after)
    assert [one.key.strip() for one in outcome.findings if one.rule == "kubernetes-values"] == places
