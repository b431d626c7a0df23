"""Reports for the tests of the renderers: empty, ordinary, large and hostile ones."""

from harness.model.change import ChangedFile, Provenance
from harness.model.finding import Finding, Location, Proof, Replays
from harness.model.report import (
    ChangeSummary,
    CheckResult,
    Decision,
    Report,
    Risk,
    RiskFactor,
    SandboxInfo,
    SignOff,
    Unverified,
)

BASE, HEAD = "4be1f2a09c7d" + "0" * 28, "9c0d77e1b2a4" + "1" * 28
THRICE = Replays(("pass",) * 3, ("fail",) * 3)


def finding(number=1, **fields):
    """A confirmed regression, each field replaceable."""
    values = {
        "id": f"F{number}",
        "fingerprint": f"{number:040x}",
        "check": "property_tests",
        "rule": "value-changed",
        "category": "regression",
        "severity": "high",
        "title": "billable_metres returns 9 where it returned 10",
        "message": "A started metre is no longer charged: lengths just above a whole metre are rounded down.",
        "location": Location("moorings/fees.py", 14, 17, "moorings.fees.billable_metres"),
        "proof": Proof(
            status="confirmed", input="billable_metres(930)", base="returned 10", head="returned 9",
            replays=THRICE, path=f"proofs/F{number}", command=f"harness reproduce harness-report F{number}",
        ),
        "suggestion": "Round up as base did, or commit the test that pins head's behaviour.",
    }  # fmt: skip
    return Finding(**{**values, **fields})


EXPLOIT = finding(
    2, check="exploits", rule="command", category="exploit", severity="critical", cwe=("CWE-78",),
    title="A boat's name reaches a shell in last_entry",
    message="The name is pasted into a command line that a shell reads; base passed it as one argument.",
    location=Location("moorings/logbook.py", 31, 38, "moorings.logbook.last_entry"),
    proof=Proof(
        "confirmed", 'last_entry("$(touch pwned)", "harbour.log")', "ran grep with the name as one argument",
        "ran `touch pwned`: the file pwned was created", THRICE, "proofs/F2",
        "harness reproduce harness-report F2",
    ),
    suggestion="Pass a list of arguments to subprocess.run and leave the shell out.",
)  # fmt: skip
INFRA = finding(
    3, check="infra_plan", rule="replace", category="infra", severity="critical", certainty="certain",
    title="terraform_data.bookings would be destroyed and created anew",
    message="The region is part of triggers_replace: a plan of head on base's state deletes the database first.",
    location=Location("infra/database.tf", 6, 21, "terraform_data.bookings"),
    proof=Proof(
        "confirmed", "terraform plan of head on the state that base leaves", "no changes",
        'replace terraform_data.bookings (delete, then create): region "eu-west-1" to "eu-central-1"',
        THRICE, "proofs/F3", "harness reproduce harness-report F3",
    ),
    suggestion="Keep prevent_destroy and plan a migration of the data.",
)  # fmt: skip
TAMPERED = finding(
    4, check="test_replay", rule="loosened", category="test-tampering", severity="high",
    title="test_refund_on_the_limit no longer compares the amount",
    message="Base's test expects 20000 and fails on head's code; head's test accepts any amount up to it.",
    location=Location("tests/test_refunds.py", 18, 20, "test_refund_on_the_limit"),
    proof=Proof(
        "confirmed", "tests/test_refunds.py::test_refund_on_the_limit of base", "passed",
        "failed: assert 10000 == 20000", THRICE, "proofs/F4", "harness reproduce harness-report F4",
    ),
)  # fmt: skip
DECLARED = finding(
    5, severity="low", declared=True, declared_by=("tests/test_berths.py::test_names_are_sorted",),
    title="free_berths returns a sorted list", message="The change ships a test for this.",
    location=Location("moorings/berths.py", 9, 12, "moorings.berths.free_berths"),
)  # fmt: skip
STATIC = finding(
    6, check="static_scan", rule="swallowed-error", category="static", severity="medium", cwe=("CWE-390",),
    title="An exception is swallowed", message="`except Exception: pass` hides every error of the upload.",
    location=Location("moorings/upload.py", 40), proof=Proof(), suggestion=None,
)  # fmt: skip


def report(findings=(), outcome=None, **fields):
    """A report over ``findings``; blocks by what is severe, undeclared and confirmed."""
    blocks = tuple(
        entry.id for entry in findings
        if entry.severity in ("high", "critical") and not entry.declared and entry.proof.status == "confirmed"
    )  # fmt: skip
    decided = (
        (Decision("confirmed-harm", "block", "Confirmed, undeclared harm blocks.", blocks),) if blocks else ()
    )
    values = {
        "harness_version": "0.1.0",
        "change": ChangeSummary(
            BASE, HEAD,
            (ChangedFile("moorings/fees.py", "modified", 3, 2), ChangedFile("infra/database.tf", "modified", 1, 5)),
            Provenance(True, ("claude",), ("Co-Authored-By trailer in 9c0d77e1b2",)),
            "a" * 40, "b" * 40, False, ("9c0d77e1b2 Prepare for the new season",),
        ),
        "outcome": outcome or ("block" if blocks else "review" if findings else "pass"),
        "risk": Risk(74, "high", (
            RiskFactor("confirmed harm", 48, "four findings were confirmed by replay", blocks[:4]),
            RiskFactor("stateful infrastructure", 20, "a database would be replaced"),
            RiskFactor("author", 10, "the change is AI-assisted"),
            RiskFactor("tests", -4, "most of the changed lines are covered"),
        )) if blocks else Risk(),
        "sign_offs": (
            SignOff("senior engineer", 1, "AI-assisted change of high risk"),
            SignOff("database owner", 1, "stateful infrastructure is replaced"),
        ) if blocks else (),
        "decisions": decided,
        "checks": (
            CheckResult("property_tests", "findings" if blocks else "passed", "", 12.31, "1", True),
            CheckResult("static_scan", "passed", "", 0.4, "1"),
            CheckResult("migrations", "skipped", "no changed file matches its paths", 0.0, "1"),
        ),
        "findings": tuple(findings),
        "unverified": (Unverified("moorings.sync.push", "needs a network", "property_tests"),),
        "sandbox": SandboxInfo(
            "bubblewrap", ("no network", "private writable copy of the tree", "all capabilities dropped"),
            "CPython 3.11.7",
        ),
        "policy": "harness.toml on base",
        "repository": "moorings",
        "started": "2025-03-01T09:00:00Z",
        "seconds": 41.2,
        "first_finding_seconds": 3.4,
    }  # fmt: skip
    return Report(**{**values, **fields})


def ordinary():
    """Four ways to break a service, a declared difference and a matter of reading."""
    return report((finding(), EXPLOIT, INFRA, TAMPERED, DECLARED, STATIC))


def large(number=500):
    """Many findings over many files, of every kind."""
    kinds = (finding(), EXPLOIT, INFRA, TAMPERED, DECLARED, STATIC, STATIC, STATIC, STATIC)
    many = []
    for index in range(number):
        model = kinds[index % len(kinds)]
        place = Location(
            f"service/part_{index % 37}/module_{index % 53}.py", index + 1, None, f"function_{index}"
        )
        proof = model.proof if model.proof.status == "none" else Proof(
            model.proof.status, model.proof.input, model.proof.base, model.proof.head, model.proof.replays,
            f"proofs/F{index + 1}", f"harness reproduce harness-report F{index + 1}",
        )  # fmt: skip
        severity = ("high", "medium", "low", "info", "critical")[index % 5]
        many.append(
            finding(
                index + 1, check=model.check, rule=model.rule, category=model.category, severity=severity,
                title=model.title, message=model.message, location=place, proof=proof, declared=model.declared,
            )
        )  # fmt: skip
    return report(
        tuple(many), unverified=tuple(Unverified(f"function_{n}", "ran out of time") for n in range(80))
    )


def hostile(text):
    """A report that holds ``text`` wherever a change under test can put its own text."""
    proof = Proof("confirmed", text, text, text, THRICE, "proofs/F1", text)
    bad = finding(
        1, rule=text, title=text, message=text, location=Location(text, 3, None, text), cwe=(text,), proof=proof,
        suggestion=text, detail=text, declared_by=(text,), fingerprint="ab" * 20,
    )  # fmt: skip
    unread = finding(2, title=text, message=text, location=Location(text, 5, None, text), proof=Proof())
    change = ChangeSummary(
        BASE,
        HEAD,
        (ChangedFile(text, "added", 1, 0),),
        Provenance(True, (text,), (text,)),
        "",
        "",
        False,
        (text,),
    )
    return report(
        (bad, unread),
        outcome="block",
        change=change,
        risk=Risk(50, "medium", (RiskFactor(text, 50, text, ("F1",)),)),
        sign_offs=(SignOff(text, 1, text),),
        decisions=(Decision(text, "block", text, ("F1",)),),
        checks=(
            CheckResult("property_tests", "failed", text, 1.0),
            CheckResult("static_scan", "skipped", text),
        ),
        unverified=(Unverified(text, text, text),),
        notes=(text,),
        sandbox=SandboxInfo(text, (text,), text, text),
        policy=text,
        repository=text,
    )
