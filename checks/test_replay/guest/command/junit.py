"""JUnit XML, in the shapes that pytest, Maven, Jest, Go and others write it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

BAD = ("failure", "error")


def parse(text: str) -> tuple[list[dict[str, Any]], str]:
    """(tests as ``{"id", "outcome", "text"}``, what is wrong with the file as a whole).

    An id is the file or class name, if any, and the name, joined by `` > ``. Document types are
    refused: nobody needs them here, and entities can grow without bounds.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return [], "the JUnit file declares a document type, which is refused"
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as problem:
        return [], "the JUnit file is no XML: %s" % problem
    tests = [_test(case) for case in root.iter() if _tag(case) == "testcase"]
    return tests, _counted(root, tests)


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _test(case: ElementTree.Element) -> dict[str, Any]:
    names = [case.get("file") or case.get("classname") or "", case.get("name") or "test"]
    outcome, text = "passed", ""
    for child in case:
        if _tag(child) in BAD:
            outcome, text = "failed", child.get("message") or (child.text or "").strip()
            break
        if _tag(child) == "skipped":
            xfail = "xfail" in (child.get("type") or "")
            outcome, text = ("xfailed" if xfail else "skipped"), child.get("message") or ""
    return {"id": " > ".join(name for name in names if name), "outcome": outcome, "text": text[:400]}


def _counted(root: ElementTree.Element, tests: list[dict[str, Any]]) -> str:
    """Whether the totals that the file states agree with its cases."""
    suites = [root] if _tag(root) == "testsuite" else [one for one in root if _tag(one) == "testsuite"]
    stated = [one.get("tests") for one in suites]
    if stated and all(number is not None and number.isdecimal() for number in stated):
        total = sum(int(number) for number in stated if number is not None)
        if total > len(tests):
            return "%d tests are counted and %d listed" % (total, len(tests))
    return ""
