"""What the lines of a script do, as far as it matters here."""

import re
from collections.abc import Iterator

VERIFIERS = {
    "tests": re.compile(
        r"(?<![\w./-])(?:pytest|py\.test|tox|nox|nosetests|unittest|ctest|jest|vitest|mocha|phpunit|rspec|behave"
        r"|(?:npm|yarn|pnpm)(?: run)? test[\w:-]*|(?:go|cargo|dotnet|mvn|gradle|\./gradlew|\./mvnw|mix|swift|bazel|deno"
        r"|bun|hatch|pdm|manage\.py)(?: \S+)? (?:test|verify|check)|make (?:-\S+ )*(?:test|check)[\w-]*)(?![\w./])"
    ),
    "lint": re.compile(
        r"(?<![\w./-])(?:ruff|flake8|pylint|black|isort|eslint|prettier|golangci-lint|gofmt|rubocop|shellcheck"
        r"|hadolint|pre-commit|yamllint|(?:npm|yarn|pnpm)(?: run)? lint[\w:-]*|cargo (?:clippy|fmt)"
        r"|make (?:-\S+ )*lint[\w-]*)(?![\w.])"
    ),
    "types": re.compile(r"(?<![\w./-])(?:mypy|pyright|pyre|tsc|(?:npm|yarn|pnpm)(?: run)? type[\w:-]*)(?![\w.])"),
    "security": re.compile(
        r"(?<![\w./-])(?:bandit|semgrep|pip-audit|safety|trivy|gitleaks|trufflehog|snyk|zizmor|checkov|tfsec|grype|osv-scanner"
        r"|codeql|(?:npm|yarn|pnpm) audit|cargo audit|govulncheck)(?![\w.])"
    ),
}  # fmt: skip
ACTIONS = {
    "security": re.compile(
        r"github/codeql-action/analyze|aquasecurity/trivy-action|gitleaks/|trufflesecurity/|returntocorp/semgrep"
        r"|semgrep/|snyk/|actions/dependency-review-action|ossf/scorecard-action|pypa/gh-action-pip-audit"
    ),
    "lint": re.compile(
        r"pre-commit/action|astral-sh/ruff-action|golangci/golangci-lint-action|psf/black|super-linter/"
    ),
}
WORDS = {
    "tests": "The tests",
    "lint": "The linter",
    "types": "The type check",
    "security": "The security scan",
}
_INSTALLS = re.compile(r"\b(?:pip[\d.]*|pipx|uv|npm|yarn|pnpm|apt-get|apt|brew|poetry|conda|gem|cargo|go)\s+(?:\S+\s+)?"
                       r"(?:install|add|i|ci|get|sync)\b")  # fmt: skip
_SWALLOWS = re.compile(
    r"\|\|\s*(?:true|:|exit 0|echo\b|printf\b|/bin/true)|;\s*(?:true|exit 0)\s*$|--exit-zero\b|--passWithNoTests\b"
    r"|^\s*-\s*make\b|\bmake\s+(?:-\S+\s+)*(?:-i|-k|--ignore-errors)\b"
)
_FETCHED = re.compile(
    r"\b(?:curl|wget)\b[^|;&\n]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+)?(?:ba|z|da|k)?sh\b"
    r"|\b(?:ba|z|da)?sh\s+(?:-c\s+)?[\"']?(?:<\(|\$\()\s*(?:curl|wget)\b"
    r"|\b(?:curl|wget)\b[^|;&\n]*\|\s*(?:sudo\s+)?python[\d.]*\b|\beval\s+[\"']?\$\((?:curl|wget)\b"
)
_LEFT_OUT = re.compile(
    r"--deselect[= ]\S+|--ignore(?:-glob)?[= ]\S+|-k\s*[\"']?not\s[^\"'\n]*|-m\s*[\"']?not\s[^\"'\n]*"
)
_LOWEST = re.compile(r"--cov-fail-under[= ](\d+(?:\.\d+)?)|--fail-under[= ](\d+(?:\.\d+)?)")


def lines_of(script: str) -> Iterator[tuple[int, str]]:
    """(offset from 0, command line) of a script: continued lines joined, comments dropped."""
    start, parts = 0, list[str]()
    for offset, line in enumerate(script.split("\n")):
        if not parts:
            start = offset
        if line.rstrip().endswith("\\"):
            parts.append(line.rstrip()[:-1])
            continue
        text = " ".join([*parts, line]).strip()
        parts = []
        if text and not text.startswith("#"):
            yield start, text
    if parts:
        yield start, " ".join(parts).strip()


def verifies(line: str) -> set[str]:
    """The kinds of verification that a command line runs; installing a tool is none."""
    if _INSTALLS.search(line) and "&&" not in line and ";" not in line:
        return set()
    return {kind for kind, pattern in VERIFIERS.items() if pattern.search(_INSTALLS.sub("", line))}


def swallows(line: str) -> bool:
    """Whether a failure of the line does not count."""
    return bool(_SWALLOWS.search(line))


def runs_fetched_code(line: str) -> bool:
    """Whether the line runs what it fetches, unseen."""
    return bool(_FETCHED.search(line))


def left_out(line: str) -> set[str]:
    """Options that leave tests out."""
    return {" ".join(match.split()) for match in _LEFT_OUT.findall(line)}


def lowest_coverage(line: str) -> float | None:
    """The coverage that the line demands, in per cent."""
    match = _LOWEST.search(line)
    return float(match[1] or match[2]) if match else None
