"""Looks for credentials in the added lines. What is found is named by its form, place and length only."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.check.interface import CheckSkipped, Context, Draft, Location, Outcome, Severity, Unverified
from harness.model.change import ChangedFile

from .formats import Found, formatted, is_random
from .values import assigned, is_example

MAX_BYTES = 2_000_000
MAX_LINE = 5_000
MAX_FINDINGS = 50
_GENERATED = frozenset(
    ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "pdm.lock",
     "Pipfile.lock", "Cargo.lock", "go.sum", "composer.lock", "Gemfile.lock", ".terraform.lock.hcl", "flake.lock"]
)  # fmt: skip
_NO_TEXT = frozenset([".svg", ".map", ".ipynb", ".csv", ".snap", ".po", ".pot", ".min.js", ".css"])
_SETTINGS = frozenset(
    [
        ".env",
        ".ini",
        ".cfg",
        ".conf",
        ".properties",
        ".yaml",
        ".yml",
        ".toml",
        ".tfvars",
        ".sh",
        ".bash",
        ".envrc",
    ]
)
_KEY_FILES = frozenset([".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk"])
_TEST_PARTS = frozenset(
    [
        "test",
        "tests",
        "testing",
        "spec",
        "specs",
        "__tests__",
        "fixtures",
        "testdata",
        "test_data",
        "examples",
        "docs",
    ]
)
_TEST_NAME = re.compile(
    r"(test_.*|.*_test|conftest|.*\.(test|spec))\.\w+|.*\.(example|sample|template|dist)|.*\.(md|rst)"
)
_HASHES = re.compile(r"\bsha(?:1|256|384|512)[-:]|integrity|checksum|digest|fingerprint|md5", re.IGNORECASE)
_ALLOWED = re.compile(r"pragma: allowlist secret|nosecret|gitleaks:allow", re.IGNORECASE)


def check(context: Context) -> Outcome:
    """The credentials that head's added lines hold and that base's changed files do not."""
    files = [file for file in context.change.files if file.status != "deleted"]
    if not files:
        raise CheckSkipped("the change adds nothing")
    old = "\n".join(_text(context, file) for file in context.change.files if file.status != "added")
    drafts: list[Draft] = []
    unverified: list[Unverified] = []
    for file in files:
        if len(drafts) > MAX_FINDINGS:
            unverified.append(Unverified("further files", f"{MAX_FINDINGS} secrets were found before them"))
            break
        drafts += _key_file(file)
        text = context.head.read_text(file.path, MAX_BYTES + 1)
        if text is None or file.binary or _is_skipped(file.path):
            continue
        if len(text) > MAX_BYTES:
            unverified.append(Unverified(file.path, f"larger than {MAX_BYTES:,} bytes"))
            continue
        before = context.base.read_text(file.old_path or file.path, MAX_BYTES) or ""
        drafts += _in_file(file.path, before, text, old)
    return Outcome(findings=tuple(drafts), unverified=tuple(unverified))


def _text(context: Context, file: ChangedFile) -> str:
    return context.base.read_text(file.old_path or file.path, MAX_BYTES) or ""


def _is_skipped(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in _GENERATED or any(name.endswith(suffix) for suffix in _NO_TEXT)


def is_for_show(path: str) -> bool:
    """Whether a path is one of tests, examples or documentation, where credentials are made up."""
    parts = path.lower().split("/")
    return any(part in _TEST_PARTS for part in parts[:-1]) or bool(_TEST_NAME.fullmatch(parts[-1]))


def _key_file(file: ChangedFile) -> Iterator[Draft]:
    if (
        file.status == "added"
        and PurePosixPath(file.path).suffix.lower() in _KEY_FILES
        and not is_for_show(file.path)
    ):
        yield Draft(
            rule="secret-key-file", category="secret", severity="high", title="A store of private keys is added",
            message="Files of this kind hold private keys or passwords; all who can read the repository get them.",
            location=Location(file.path), key=file.path, cwe=("CWE-798",),
            suggestion="Remove it from the history, and replace the keys in it.",
        )  # fmt: skip


def _in_file(path: str, before: str, text: str, old: str) -> Iterator[Draft]:
    """One draft for each credential of the added lines, each value once."""
    kept = Counter(before.split("\n"))
    seen: set[str] = set()
    occurrences: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), 1):
        if kept[line] > 0:
            kept[line] -= 1
            continue
        for found in secrets_of(line[:MAX_LINE], path):
            if found.value in seen or found.value in old:
                continue
            seen.add(found.value)
            place = f"{found.rule}:{_without(line[:MAX_LINE], found)}"
            occurrences[place] += 1
            yield _draft(path, number, found, f"{place}#{occurrences[place]}")


def secrets_of(line: str, path: str) -> list[Found]:
    """The credentials in one line, those told by their form first; overlapping ones count once."""
    if _ALLOWED.search(line):
        return []
    show = is_for_show(path)
    found = [one for one in formatted(line) if _is_used(one, show)]
    if not show and not _HASHES.search(line):
        suffix, name = PurePosixPath(path).suffix.lower(), PurePosixPath(path).name.lower()
        plain = suffix in _SETTINGS or name.startswith((".env", "dockerfile"))
        for one in assigned(line, plain=plain):
            if not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return found


def _is_used(found: Found, show: bool) -> bool:
    if found.rule in ("secret-private-key", "secret-url-password") and show:
        return False
    if found.rule == "secret-url-password":
        return _is_password(found.value)
    return not (is_random(found.rule) and is_example(found.value))


def _is_password(value: str) -> bool:
    """Development databases are reached with words such as 'postgres' or 'secret'; those are no secrets."""
    mixed = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w\s]"))
    return len(value) >= 8 and mixed >= 2 and not is_example(value) and "pass" not in value.lower()


def _without(line: str, found: Found) -> str:
    """The line without the value: a fingerprint of a weak password would give it away."""
    return " ".join((line[: found.start] + "…" + line[found.end :]).split())[:300]


def _draft(path: str, number: int, found: Found, key: str) -> Draft:
    show = is_for_show(path)
    severity: Severity = "low" if show else found.severity
    begins = found.value[:3]
    return Draft(
        rule=found.rule, category="secret", severity=severity, title=f"The change holds {found.what}",
        message=f"This line holds {found.what} ({begins}…, {len(found.value)} characters). Everyone who can read the "
        "repository can use it, and it stays in the history when the line is removed.",
        location=Location(path, number), key=key, cwe=("CWE-798",),
        suggestion="Revoke it now, and read the new one from the environment or a store of secrets.",
    )  # fmt: skip
