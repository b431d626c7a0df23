"""DSSE envelopes around statements, one a line, as in-toto bundles are written."""

from collections.abc import Iterable
from typing import Any

import msgspec

from harness.attest.keys import library
from harness.attest.statement import STATEMENT, Statement
from harness.errors import AttestationError

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_BYTES = 16 << 20
MAX_ENVELOPES = 100


class _Signature(msgspec.Struct, frozen=True):
    sig: str
    keyid: str = ""


class _Envelope(msgspec.Struct, frozen=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


def sign(found: Iterable[Statement], signer: Any) -> bytes:
    """The bundle: an envelope a statement, signed by ``signer``, as JSON Lines."""
    lines = [sealed(msgspec.json.encode(statement), PAYLOAD_TYPE, signer) for statement in found]
    return b"\n".join(lines) + b"\n"


def sealed(payload: bytes, kind: str, signer: Any) -> bytes:
    """One envelope around a payload of the type ``kind``, as one line of JSON."""
    envelope = library("securesystemslib.dsse").Envelope(payload, kind, {})
    envelope.sign(signer)
    return msgspec.json.encode(envelope.to_dict())


def opened(data: bytes, key: Any, source: str) -> tuple[Statement, ...]:
    """The statements of a bundle, each of whose envelopes ``key`` has signed.

    Raises AttestationError: no envelope, signed by another key, altered after it was signed, or
    no in-toto statement inside. Nothing of a payload is read before its signature holds.
    """
    if len(data) > MAX_BYTES:
        raise AttestationError(f"{source} is larger than {MAX_BYTES >> 20} MiB; that is no attestation.")
    lines = [line for line in data.splitlines() if line.strip()]
    if not lines or len(lines) > MAX_ENVELOPES:
        raise AttestationError(_no_envelope(source, f"it has {len(lines)} lines"))
    return tuple(statement_of(unsealed(line, PAYLOAD_TYPE, key, source), source) for line in lines)


def unsealed(line: bytes, kind: str, key: Any, source: str) -> bytes:
    """The payload of an envelope that ``key`` has signed. Raises AttestationError."""
    dsse, failures = library("securesystemslib.dsse"), library("securesystemslib.exceptions")
    try:
        shape = msgspec.json.decode(line, type=_Envelope)
        envelope = dsse.Envelope.from_dict(msgspec.to_builtins(shape))
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError, failures.Error) as problem:
        raise AttestationError(_no_envelope(source, str(problem)[:200])) from None
    if envelope.payload_type != kind:
        raise AttestationError(_no_envelope(source, f"its payload is of type {envelope.payload_type[:60]!r}"))
    if key.keyid not in envelope.signatures:
        signed = ", ".join(sorted(name[:16] for name in envelope.signatures)[:4]) or "nobody"
        raise AttestationError(
            f"{source} is signed by another key ({signed}) than the one given ({key.keyid[:16]}); "
            "give the public key of the one who signed, if you trust it."
        )
    try:
        envelope.verify([key], 1)
    except (failures.Error, ValueError):
        raise AttestationError(
            f"The signature in {source} does not fit its content: it was altered after it was signed; "
            "do not use it, and verify the commit again."
        ) from None
    payload: bytes = envelope.payload
    return payload


def statement_of(payload: bytes, source: str) -> Statement:
    """The in-toto statement in a payload whose signature holds. Raises AttestationError."""
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise AttestationError(
            f"{source} is signed and holds no in-toto statement ({str(problem)[:200]}); "
            "make one with `harness attest sign`."
        ) from None
    if statement.type != STATEMENT:
        raise AttestationError(
            f"{source} holds a statement of type {statement.type[:80]!r}; this harness reads {STATEMENT}."
        )
    return statement


def _no_envelope(source: str, why: str) -> str:
    return (
        f"{source} is not a DSSE envelope ({why}); give the file that `harness attest sign` "
        "or `harness sign-off sign` wrote."
    )
