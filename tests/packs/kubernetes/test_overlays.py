"""Overlays of Kustomize: what is not built is said, and plain ones are no alarm."""

import pytest

from tests.packs.kubernetes.test_kubernetes_check import SET
from tests.packs.two_trees import verify

OVERLAY = "k/prod/kustomization.yaml"
KEPT = "resources: [../base]\nimages: [{name: postgres, newTag: '15'}]\nreplicas: [{name: db, count: 3}]\n"
BASE = {"k/base/set.yaml": SET, "k/base/kustomization.yaml": "resources: [set.yaml]\n", OVERLAY: KEPT}
PATCH = "patches:\n- target: {kind: StatefulSet, name: db}\n  patch: '[{op: remove, path: /spec/replicas}]'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KEPT.replace("'15'", "'16'"), []),
        (KEPT.replace("count: 3", "count: 0"), [f"replicas of {OVERLAY}"]),
        (KEPT + PATCH, [f"patches of {OVERLAY}"]),
    ],
)
def test_an_overlay_is_no_alarm_and_what_is_not_built_is_said(text, said, tmp_path):
    outcome, _ = verify("kubernetes", tmp_path, BASE, {**BASE, OVERLAY: text})
    assert list(outcome.findings) == []
    assert [item.what for item in outcome.unverified] == said
