"""Python that does not parse any more."""

import tomllib
from collections.abc import Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from harness.check.interface import Context, Draft, Location

from .scanner import Scan
from .targets import Target


def syntax_drafts(context: Context, scan: Scan, targets: Sequence[Target]) -> Iterator[Draft]:
    """Files of head that do not parse although base's version did, and new files that do not.

    Test data is left alone when new: it may be broken on purpose. Nothing is said when the
    project declares that it needs another Python than the sandbox has.
    """
    if not _same_python(context):
        return
    for target in targets:
        state = scan.syntax.get(("head", target.path))
        if state is None or scan.syntax.get(("base", target.path)) is not None:
            continue
        if target.base is None and (target.is_test or "{{" in (target.head or "")):
            continue
        line, reason = state
        version = ".".join(map(str, context.python_version))
        yield Draft(
            rule="py-invalid-syntax",
            category="static",
            severity="high",
            title="The file is no valid Python" + ("" if target.base is None else " any more"),
            message=f"Python {version} cannot parse this file: {reason}. Every import of it fails.",
            location=Location(target.path, line),
            key=reason,
            suggestion="Mend the syntax and run the file once.",
        )


def _same_python(context: Context) -> bool:
    text = context.base.read_text("pyproject.toml")
    try:
        project = tomllib.loads(text or "").get("project")
        wanted = project.get("requires-python") if isinstance(project, dict) else None
        return wanted is None or f"{'.'.join(map(str, context.python_version))}.99" in SpecifierSet(
            str(wanted)
        )
    except (tomllib.TOMLDecodeError, InvalidSpecifier, RecursionError):
        return True
