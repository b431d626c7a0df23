"""junit.xml: one suite a check, as GitLab and Jenkins show it."""

from xml.etree import ElementTree as Xml

from harness.model.finding import Finding
from harness.model.report import CheckResult, Report
from harness.report import story
from harness.report.escape import clipped, one_line, xml_text


def render(report: Report) -> bytes:
    """A finding that the policy blocks is a failure, another one a passed case with its text.

    A check that did not end is an error and a skipped one is skipped, each as its own case,
    so that a suite is never empty.
    """
    root = Xml.Element("testsuites", name="change-harness")
    named = story.blocking(report)
    by_check: dict[str, list[Finding]] = {check.id: [] for check in report.checks}
    for finding in story.ranked(report):
        by_check.setdefault(finding.check, []).append(finding)
    results = {check.id: check for check in report.checks}
    for name, findings in by_check.items():
        check = results.get(name, CheckResult(id=name, status="findings"))
        root.append(_suite(check, findings, named))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", f"{report.seconds:.3f}")
    Xml.indent(root)
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(check: CheckResult, findings: list[Finding], named: frozenset[str]) -> Xml.Element:
    name = one_line(check.id, 200)
    suite = Xml.Element("testsuite", name=name, time=f"{check.seconds:.3f}")
    suite.append(_check_case(check, name))
    for finding in findings:
        suite.append(_finding_case(finding, name, finding.id in named))
    suite.set("tests", str(len(suite)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))
    return suite


def _check_case(check: CheckResult, suite: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=suite, name="check completed", time=f"{check.seconds:.3f}")
    reason = one_line(check.reason, 800)
    if check.status == "skipped":
        Xml.SubElement(case, "skipped", message=reason or "skipped")
    elif check.status in ("failed", "timed_out"):
        said = check.status.replace("_", " ")
        Xml.SubElement(case, "error", message=f"{said}: {reason}", type=check.status).text = reason
    return case


def _finding_case(finding: Finding, suite: str, blocks: bool) -> Xml.Element:
    title = one_line(f"{finding.id} {finding.title}", 300)
    case = Xml.Element("testcase", classname=suite, name=title, file=xml_text(finding.location.path))
    case.set("line", str(finding.location.line))
    tag = "failure" if blocks else "system-out"
    element = Xml.SubElement(case, tag)
    if blocks:
        element.set("message", one_line(finding.title, 300))
        element.set("type", finding.category)
    element.text = xml_text(_text(finding))
    return case


def _text(finding: Finding) -> str:
    proof = finding.proof
    lines = [
        f"{story.where(finding)} {finding.severity} {finding.category}, proof {proof.status}",
        clipped(finding.message, 4000),
    ]
    for label, value in (("input", proof.input), ("base", proof.base), ("head", proof.head)):
        if value is not None:
            lines.append(f"{label}: {clipped(value, 2000)}")
    return "\n".join([*lines, *([proof.command] if proof.command else [])])
