"""What is written into a proof's folder."""

from harness.check.interface import Limits, Probe, ProofPlan
from harness.replay.proofs import Origin, proof_folder


def test_marks_become_the_finding_and_the_commits() -> None:
    script = b"# @ID@ of @HEAD@\ngit checkout @BASE@ -- tests/test_@id@.py\n"
    plan = ProofPlan(Probe(entry="prove.py"), "input", "stays", "goes", files={"run_@id@.sh": script})
    origin = Origin(("c" * 40, "d" * 40), commits=("1" * 40, "2" * 40))
    files = proof_folder("F7", "check", plan, Limits(), origin)
    assert files["run_f7.sh"].decode() == (
        f"# F7 of {'2' * 40}\ngit checkout {'1' * 40} -- tests/test_f7.py\n"
    )
