"""Look-ups, with a network that answers, has nothing, or fails."""

import json

import pytest

from harness.check.interface import CheckFailed
from tests.packs.two_trees import part, verify

online = part("dependencies", "online")
entries = part("dependencies", "entries")
NEW = [("pypi", "shopzilla-rates", "requirements.txt", 3), ("npm", "@own/x", "package.json", 2)]
ADVISORY = {
    "id": "OSV-1", "summary": "Leaks.", "affected": [
        {"package": {"ecosystem": "PyPI", "name": "requests"}, "versions": ["2.0.0"]}
    ],
}  # fmt: skip


def answers(table):
    def request(host, path, body):
        value = table[f"{host}{path}"]
        if isinstance(value, Exception):
            raise value
        return value

    return request


def test_a_package_that_its_index_does_not_have_is_high():
    request = answers(
        {"pypi.org/simple/shopzilla-rates/": (404, b""), "registry.npmjs.org/%40own%2Fx": (200, b"{}")}
    )
    [draft], unverified = online.absent_packages(NEW, request)
    assert (draft.rule, draft.severity, draft.location.line) == ("dependency-absent", "high", 3)
    assert not unverified


@pytest.mark.parametrize("answer", [OSError("unreachable"), (503, b""), (429, b"")])
def test_a_look_up_that_fails_is_unverified_and_no_result(answer):
    drafts, [said] = online.absent_packages(NEW[:1], answers({"pypi.org/simple/shopzilla-rates/": answer}))
    assert not drafts
    assert said.what == "whether 'shopzilla-rates' exists on PyPI"


def test_vulnerabilities_of_new_versions():
    wanted = {("PyPI", "requests"): [("requirements.txt", entries.python_entry("requests", "==2.0.0", 1))]}
    found = json.dumps({"results": [{"vulns": [{"id": "OSV-1"}]}]}).encode()
    table = {
        "api.osv.dev/v1/querybatch": (200, found),
        "api.osv.dev/v1/vulns/OSV-1": (200, json.dumps(ADVISORY).encode()),
    }
    [draft], unverified = online.known_vulnerabilities(wanted, answers(table))
    assert draft.rule == "dependency-vulnerable"
    assert not unverified
    for broken in ((200, b"[" * 100_000), (200, b"[]"), (500, b""), OSError("x")):
        drafts, said = online.known_vulnerabilities(
            wanted, answers({**table, "api.osv.dev/v1/querybatch": broken})
        )
        assert not drafts
        assert len(said) == 1


def test_nothing_is_asked_unless_the_policy_allows_it(tmp_path, monkeypatch):
    def refuse(*given):
        raise AssertionError("asked")

    monkeypatch.setattr(online, "ask", refuse)
    monkeypatch.setattr("http.client.HTTPSConnection.request", refuse)
    verify("dependencies", tmp_path, {}, {"requirements.txt": "shopzilla-rates==1\n"})
    with pytest.raises(CheckFailed, match="must be true or false"):
        verify("dependencies", tmp_path / "2", {}, {"requirements.txt": "a==1\n"}, {"online": "yes"})
