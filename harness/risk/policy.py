"""Policy: which findings block, which ask for a review, and who must sign off."""

from collections.abc import Callable, Sequence

from harness.config.schema import Condition, PolicyConfig, SignOffRule
from harness.globs import matches
from harness.model.finding import SEVERITIES, Finding
from harness.model.report import ChangeSummary, CheckResult, Decision, Outcome, Risk, SignOff, Verdict
from harness.risk.people import same_person

Candidates = Callable[[str, Sequence[str]], tuple[str, ...]]
"""(role, paths at issue) to the people who may sign off."""
LEVELS = ("low", "medium", "high", "critical")

DEFAULT_BLOCK = (
    Condition("exploit", "an attack was executed", category=("exploit",), proof=("confirmed",)),
    Condition("secret", "a credential is in the change", category=("secret",), severity="medium"),
    Condition(
        "undeclared-regression", "behaviour changed and no test of the change says so",
        category=("regression", "property"), proof=("confirmed",), declared=False, severity="medium",
    ),
    Condition(
        "test-failure", "a test that base passes fails", category=("test-failure",), declared=False, severity="medium",
    ),
    Condition("test-tampering", "what verifies the change was weakened", category=("test-tampering",), severity="high"),
    Condition(
        "destructive-infra", "infrastructure that holds data would be destroyed",
        category=("infra",), severity="high", certainty=("certain",),
    ),
    Condition("data-loss", "a migration loses data", category=("data-loss",), severity="high", proof=("confirmed",)),
    Condition("look-alike", "a package imitates another one's name", category=("dependency",), severity="high"),
    Condition("dangerous-pipeline", "the pipeline can be taken over", category=("pipeline",), severity="high"),
    Condition("destructive-ops", "a script newly destroys things", category=("ops",), severity="high"),
)  # fmt: skip
DEFAULT_REVIEW = (
    Condition("any-finding", "a person should look at it", severity="medium"),
    Condition("declared-difference", "behaviour changes on purpose",
              category=("regression", "property", "test-failure"), declared=True),
    Condition("infra", "infrastructure changes its exposure or its guards", category=("infra",), severity="low"),
    Condition("risk", "the measured risk is not low", level="medium"),
)  # fmt: skip
DEFAULT_SIGN_OFF = (
    SignOffRule(
        "assisted-high", "an AI-assisted change of high risk", ai_assisted=True, level="high", count=2
    ),
    SignOffRule(
        "assisted-medium", "an AI-assisted change of medium risk", ai_assisted=True, level="medium", count=1
    ),
)


def _nobody(role: str, paths: Sequence[str]) -> tuple[str, ...]:
    return ()


def decide(
    change: ChangeSummary,
    findings: Sequence[Finding],
    checks: Sequence[CheckResult],
    risk: Risk,
    policy: PolicyConfig,
    people: Candidates = _nobody,
) -> Verdict:
    """The verdict: block before inconclusive before review before pass.

    A check that failed, and a required one that did not complete, make the outcome
    inconclusive: nothing is vouched for. ``people`` names who may give a sign-off.
    """
    defaults = policy.defaults
    block = [*(DEFAULT_BLOCK if defaults else ()), *policy.block]
    review = [*(DEFAULT_REVIEW if defaults else ()), *policy.review]
    decisions = _spoken("block", block, change, findings, risk, people)
    decisions += _incomplete(checks)
    decisions += _spoken("review", review, change, findings, risk, people)
    sign_offs = _sign_offs(
        [*(DEFAULT_SIGN_OFF if defaults else ()), *policy.sign_off], change, findings, risk, people
    )
    if sign_offs:
        decisions += [Decision("sign-off", "sign-off", one.because) for one in sign_offs]
    return Verdict(_outcome(decisions), tuple(sign_offs), tuple(decisions))


def _outcome(decisions: Sequence[Decision]) -> Outcome:
    actions = {decision.action for decision in decisions}
    if "block" in actions:
        return "block"
    if "inconclusive" in actions:
        return "inconclusive"
    return "review" if actions else "pass"


def _incomplete(checks: Sequence[CheckResult]) -> list[Decision]:
    decisions = []
    for check in checks:
        if check.status == "failed" or (check.required and check.status == "timed_out"):
            words = "did not complete" if check.status == "timed_out" else "failed"
            because = f"check {check.id} {words}: {check.reason}"
            decisions.append(Decision("incomplete-check", "inconclusive", because))
        elif check.status == "timed_out":
            decisions.append(Decision("incomplete-check", "review", f"check {check.id} did not complete"))
    return decisions


def _spoken(
    action: str,
    rules: Sequence[Condition],
    change: ChangeSummary,
    findings: Sequence[Finding],
    risk: Risk,
    people: Candidates,
) -> list[Decision]:
    decisions = []
    for rule in rules:
        holds, matched = apply(rule, change, findings, risk, people)
        if holds:
            because = rule.because or f"policy rule {rule.name}"
            decisions.append(Decision(rule.name, action, because, matched))  # type: ignore[arg-type]
    return decisions


def apply(
    rule: Condition,
    change: ChangeSummary,
    findings: Sequence[Finding],
    risk: Risk,
    people: Candidates = _nobody,
) -> tuple[bool, tuple[str, ...]]:
    """(whether the rule speaks, ids of the findings that it matched)."""
    if not _about_change(rule, change, risk, people):
        return False, ()
    if not _about_findings(rule):
        return True, ()
    matched = tuple(finding.id for finding in findings if matches_finding(rule, finding))
    return bool(matched), matched


def _about_change(rule: Condition, change: ChangeSummary, risk: Risk, people: Candidates) -> bool:
    """Whether the conditions hold that are about the change as a whole."""
    if rule.ai_assisted is not None and rule.ai_assisted != change.ai.assisted:
        return False
    used = {tool.casefold() for tool in change.ai.tools}
    if rule.ai_tools and used.isdisjoint(tool.casefold() for tool in rule.ai_tools):
        return False
    if rule.author_roles:
        paths = [file.path for file in change.files]
        having = [name for role in rule.author_roles for name in people(role, paths)]
        if not same_person(having, change.authors):
            return False
    return rule.level is None or LEVELS.index(risk.level) >= LEVELS.index(rule.level)


def _about_findings(rule: Condition) -> bool:
    conditions = (rule.category, rule.check, rule.rule, rule.severity, rule.proof, rule.certainty, rule.paths)
    return rule.declared is not None or any(conditions)


def matches_finding(rule: Condition, finding: Finding) -> bool:
    """Whether a finding meets every condition of a rule that is about findings."""
    if rule.severity and SEVERITIES.index(finding.severity) < SEVERITIES.index(rule.severity):
        return False
    if rule.declared is not None and rule.declared != finding.declared:
        return False
    if rule.paths and not matches(rule.paths, finding.location.path):
        return False
    # A finding without a stated certainty was not weighed by one, so a rule about certainty takes it as certain.
    pairs = (
        (rule.category, finding.category),
        (rule.check, finding.check),
        (rule.rule, finding.rule),
        (rule.proof, finding.proof.status),
        (rule.certainty, finding.certainty or "certain"),
    )
    return all(not wanted or value in wanted for wanted, value in pairs)


def _sign_offs(
    rules: Sequence[SignOffRule],
    change: ChangeSummary,
    findings: Sequence[Finding],
    risk: Risk,
    people: Candidates,
) -> list[SignOff]:
    """The largest count a role asks for, with that rule's reason."""
    wanted: dict[str, SignOff] = {}
    for rule in rules:
        holds, matched = apply(rule, change, findings, risk, people)
        if holds and (rule.role not in wanted or wanted[rule.role].count < rule.count):
            because = rule.because or f"policy rule {rule.name}"
            places = [finding.location.path for finding in findings if finding.id in matched]
            paths = places or [file.path for file in change.files]
            wanted[rule.role] = SignOff(rule.role, rule.count, because, people(rule.role, paths))
    return [wanted[role] for role in sorted(wanted)]
