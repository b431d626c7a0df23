"""A person's approval of one commit as a signed file: a DSSE envelope of its own type, Ed25519.

Who approves is told by the key, never by the file: whoever verifies says which key is whose.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from harness.attest.envelope import MAX_BYTES, sealed, unsealed
from harness.errors import AttestationError
from harness.model.report import Report

APPROVAL_TYPE = "application/vnd.change-harness.approval+json"


class SignedApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed: the full id of the head commit and the digest of its policy."""

    commit: str
    policy_digest: str
    outcome: str


def sign(report: Report, signer: Any) -> bytes:
    """The approval of a report's head commit. Raises AttestationError for files that are not committed."""
    if report.change.worktree:
        raise AttestationError(
            "The report is about files that are not committed, so there is no commit to approve."
        )
    content = SignedApproval(report.change.head, report.policy_digest, report.outcome)
    return sealed(msgspec.json.encode(content), APPROVAL_TYPE, signer) + b"\n"


def read(data: bytes, keys: Mapping[str, Any], source: str) -> tuple[str, str]:
    """(who, commit) of an approval that one of ``keys`` (person to public key) has signed.

    Raises AttestationError: no envelope, signed by nobody of these, altered after it was signed.
    """
    if len(data) > MAX_BYTES:
        raise AttestationError(f"{source} is larger than {MAX_BYTES >> 20} MiB; that is no approval.")
    problem = AttestationError(f"{source} is signed by nobody whose key was given; give --key WHO=PUB.")
    for who, key in keys.items():
        try:
            payload = unsealed(data.strip(), APPROVAL_TYPE, key, source)
        except AttestationError as other:
            if key.keyid.encode() in data:
                raise
            problem = other
            continue
        try:
            return who, msgspec.json.decode(payload, type=SignedApproval).commit
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise AttestationError(
                f"{source} is signed and holds no approval; make it with `harness sign-off sign`."
            ) from None
    raise problem
