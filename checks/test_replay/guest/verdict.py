"""One sentence about the tests that a proof runs."""

from __future__ import annotations

from typing import Any, Callable


def outcome(test: dict[str, Any]) -> str:
    """passed, failed, skipped, xfailed … of one test, by the truth and not by its reports."""
    infos, reports, raw = test["infos"], test["reports"], test["raw"]
    if test.get("ended") in ("crashed", "timed out"):
        return "failed"
    for phase in ("setup", "teardown"):
        if infos.get(phase, {}).get("outcome") == "failed" or _reported(reports, phase) == "failed":
            return "error"
    if _reported(reports, "call") in ("xfailed", "xpassed"):
        return str(_reported(reports, "call"))
    if raw is not None and raw["outcome"] in ("failed", "exit"):
        return "failed"
    if _reported(reports, "call") == "failed" or infos.get("call", {}).get("outcome") == "failed":
        return "failed"
    skipped = [_reported(reports, "setup"), _reported(reports, "call"), (raw or {}).get("outcome")]
    if "skipped" in skipped or "xfailed" in skipped:
        return "xfailed" if "xfailed" in skipped else "skipped"
    return "passed" if raw is not None and reports else "missing"


def _reported(reports: dict[str, Any], phase: str) -> Any:
    return (reports.get(phase) or {}).get("outcome")


def sentence(test: dict[str, Any]) -> str:
    """How a test ended, in a few words."""
    ended = test.get("ended")
    if ended == "timed out":
        return "did not end in time"
    if ended == "crashed":
        return "ended the whole test process"
    problem = test["raw"] if (test["raw"] or {}).get("type") else None
    problem = (
        problem or test["infos"].get("setup") or test["infos"].get("call") or test["infos"].get("teardown")
    )
    if problem is None or not problem.get("type"):
        return outcome(test)
    return "%s: %s" % (problem["type"], problem["text"])


def rewritten(test: dict[str, Any]) -> bool:
    """Whether a failure that was seen at the test function is not in any report."""
    raw = test["raw"]
    failed = raw is not None and raw["outcome"] == "failed" and outcome(test) == "failed"
    return failed and "failed" not in [_reported(test["reports"], phase) for phase in test["reports"]]


def summary(test: dict[str, Any]) -> dict[str, Any]:
    """One test for the outside: how it ended in truth, what was said, where it failed."""
    problem = test["raw"] if (test["raw"] or {}).get("type") else None
    infos = test["infos"]
    phase = "call"
    if problem is None and outcome(test) in ("error", "failed", "skipped"):
        phase = next((name for name in ("setup", "call", "teardown") if name in infos), "call")
        problem = infos.get(phase)
    problem = problem or {}
    skipped = [report["text"] for report in test["reports"].values() if report["text"]]
    return {
        "id": test["id"],
        "outcome": outcome(test),
        "said": _reported(test["reports"], "call"),
        "rewritten": rewritten(test),
        "ended": test.get("ended", ""),
        "seconds": test["seconds"],
        "phase": phase,
        "exception": problem.get("type") or "",
        "text": sentence(test) if outcome(test) in ("failed", "error") else (skipped or [""])[0],
        "path": problem.get("path") or "",
        "line": problem.get("line") or 0,
        "deepest": problem.get("deepest") or "",
        "recorded": test["recorded"],
        "unawaited": test.get("unawaited", []),
    }


def verdict(supervisor: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """``{"passed", "observed"}``; ``wanted["kind"]`` is ``tests``, ``awaited`` or ``honest``.

    ``awaited``: the tests ``ids`` all ran and left no coroutine that nobody awaits.
    ``tests``: the tests ``ids`` all pass; a file that cannot be collected fails them.
    ``honest``: what the reports say is what happened, and each test of ``must_fail`` failed.
    """
    judges = {"honest": _dishonest, "awaited": _not_awaited}
    texts = judges.get(wanted["kind"], _not_passed)(supervisor, wanted)
    good = "what was reported is what happened" if wanted["kind"] == "honest" else "passed"
    return {"passed": not texts, "observed": "; ".join(texts)[:1500] if texts else good}


def _not_passed(supervisor: Any, wanted: dict[str, Any]) -> list[str]:
    return _of_each(supervisor, wanted, lambda test: [] if outcome(test) == "passed" else [sentence(test)])


def _not_awaited(supervisor: Any, wanted: dict[str, Any]) -> list[str]:
    return _of_each(
        supervisor,
        wanted,
        lambda test: ["the coroutine %s was never awaited" % one[0] for one in test["unawaited"]],
    )


def _of_each(
    supervisor: Any, wanted: dict[str, Any], faults: Callable[[dict[str, Any]], list[str]]
) -> list[str]:
    """What is wrong with each wanted test; one that could not be collected is wrong as well."""
    texts = []
    for nodeid in wanted["ids"]:
        test = supervisor.tests.get(nodeid)
        if test is None:
            texts.append("%s could not be collected: %s" % (nodeid, _collection(supervisor, nodeid)))
        else:
            texts += ["%s: %s" % (nodeid, fault) for fault in faults(test)]
    return texts


def _dishonest(supervisor: Any, wanted: dict[str, Any]) -> list[str]:
    texts = ["%s failed but was reported as %s" % (test["id"], _reported(test["reports"], "call") or "nothing")
             for test in supervisor.tests.values() if rewritten(test)]  # fmt: skip
    for nodeid in wanted["must_fail"]:
        test = supervisor.tests.get(nodeid)
        if test is None or outcome(test) != "failed":
            how = "did not run" if test is None else outcome(test)
            texts.append("%s must fail and %s" % (nodeid, how))
    facts = supervisor.facts()
    if not facts["finished"] or facts["exit_overridden"] or facts["unfinished_rounds"]:
        texts.append("the test process was ended before it could report")
    elif facts["status"] != 1:
        texts.append("the run had a failing test and ended with status %s" % facts["status"])
    texts += ["%(name)s was replaced in %(path)s" % entry for entry in facts["replaced"]]
    if facts["forged"]:
        texts.append("forged results were written to the channel of the collector")
    return texts


def _collection(supervisor: Any, nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    for error in supervisor.collect_errors:
        if error["id"] == path:
            lines = [line for line in error["text"].splitlines() if line.startswith("E ")]
            return str(lines[-1][2:] if lines else error["text"][-200:]).strip()
    if supervisor.crashed_files:
        return "importing %s ended the process" % supervisor.crashed_files[0]
    return "it is not there"
