"""Look-ups on the network, made only where the policy on base says ``online = true``.

Whether a new, not well-known package exists on its public index, and which known vulnerabilities
OSV lists for new exact versions. Only names and versions are sent. A look-up that fails is no
result: it is told as unverified.
"""

import http.client
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from harness.check.interface import CheckFailed, Context, Draft, Location, Unverified

from .vulnerabilities import Wanted, matches

SETTING = "online"
SECONDS = 10.0
MAX_BYTES = 8 << 20
MAX_LOOK_UPS = 50
_INDEXES = {"pypi": ("pypi.org", "/simple/{}/", "PyPI"), "npm": ("registry.npmjs.org", "/{}", "npm")}
_OSV = "api.osv.dev"
Ask = Callable[[str, str, bytes | None], tuple[int, bytes]]
"""(host, path, body or None for GET) to (status, content). Raises OSError or HTTPException."""
_TROUBLE = (OSError, http.client.HTTPException, ValueError, RecursionError)


def ask(host: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    """One HTTPS request; the answer is read up to ``MAX_BYTES``."""
    connection = http.client.HTTPSConnection(host, timeout=SECONDS)
    try:
        headers = {"User-Agent": "change-harness", "Accept": "application/json, text/html;q=0.5"}
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MAX_BYTES)
    finally:
        connection.close()


def allowed(context: Context) -> bool:
    """Whether the policy allows look-ups. Raises CheckFailed when the setting is no truth value."""
    value = context.settings.get(SETTING, False)
    if not isinstance(value, bool):
        raise CheckFailed("The setting 'online' of dependencies must be true or false.")
    return value


def absent_packages(
    new: Iterable[tuple[str, str, str, int]], request: Ask = ask
) -> tuple[list[Draft], list[Unverified]]:
    """(findings about packages that their index does not have, look-ups that failed).

    ``new`` holds (ecosystem, name, path, line) of new packages that are not well known.
    """
    drafts: list[Draft] = []
    unverified: list[Unverified] = []
    for ecosystem, name, path, line in list(dict.fromkeys(new))[:MAX_LOOK_UPS]:
        if ecosystem not in _INDEXES:
            continue
        host, form, index = _INDEXES[ecosystem]
        try:
            status, _ = request(host, form.format(quote(name, safe="")), None)
            if status not in (200, 301, 302, 404):
                raise ValueError(f"status {status}")
        except _TROUBLE as problem:
            unverified.append(_failed(f"whether '{name}' exists on {index}", problem))
            continue
        if status == 404:
            drafts.append(_absent(path, line, name, index))
    return drafts, unverified


def known_vulnerabilities(wanted: Wanted, request: Ask = ask) -> tuple[list[Draft], list[Unverified]]:
    """(findings about versions that OSV calls vulnerable, look-ups that failed)."""
    asked = [
        (ecosystem, name, str(entry.version))
        for (ecosystem, name), found in wanted.items()
        for _, entry in found
    ]
    asked = list(dict.fromkeys(asked))[: 10 * MAX_LOOK_UPS]
    if not asked:
        return [], []
    try:
        ids = _ids(asked, request)
        advisories = [
            _object(request(_OSV, f"/v1/vulns/{quote(one, safe='')}", None)) for one in ids[:MAX_LOOK_UPS]
        ]
        return [draft for advisory in advisories for draft in matches(advisory, wanted)], []
    except _TROUBLE as problem:
        return [], [_failed("known vulnerabilities of new versions", problem)]


def _ids(asked: Sequence[tuple[str, str, str]], request: Ask) -> list[str]:
    queries = [
        {"package": {"ecosystem": ecosystem, "name": name}, "version": version}
        for ecosystem, name, version in asked
    ]
    said = _object(request(_OSV, "/v1/querybatch", json.dumps({"queries": queries}).encode()))
    results = said.get("results")
    found = (
        [one.get("vulns") or [] for one in results if isinstance(one, dict)]
        if isinstance(results, list)
        else []
    )
    return list(
        dict.fromkeys(str(vuln.get("id")) for vulns in found for vuln in vulns if isinstance(vuln, dict))
    )


def _object(answer: tuple[int, bytes]) -> Mapping[str, Any]:
    status, content = answer
    value = msgspec.json.decode(content) if status == 200 else None
    if not isinstance(value, dict):
        raise http.client.HTTPException(f"status {status}, no JSON object")
    return value


def _failed(what: str, problem: Exception) -> Unverified:
    return Unverified(what, f"the look-up failed: {type(problem).__name__}: {str(problem)[:200]}")


def _absent(path: str, line: int, name: str, index: str) -> Draft:
    return Draft(
        rule="dependency-absent", category="dependency", severity="high", title=f"'{name}' does not exist on {index}",
        message=f"{index} has no package '{name}'. Whoever registers the name first decides what is installed. "
        "It was looked up in this run, as the policy allows.",
        location=Location(path, line), key=name, cwe=("CWE-1357", "CWE-829"),
        suggestion="Find out which package is meant; do not register the name to make it work.",
    )  # fmt: skip
