"""Signing without keys of one's own: Sigstore binds an attestation to the identity of a CI job.

The job's OpenID token is exchanged for a certificate of minutes, and the signature is logged
publicly (https://docs.sigstore.dev). Each bundle is one line. Needs the network and the extra.
"""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.attest.envelope import MAX_BYTES, MAX_ENVELOPES, PAYLOAD_TYPE, statement_of
from harness.attest.statement import Statement
from harness.errors import AttestationError, UsageError


@dataclass(frozen=True)
class Identity:
    """Whom the certificate must name: a workflow's URL or an address, and who issued the token."""

    name: str
    issuer: str


def sign(found: Iterable[Statement]) -> bytes:
    """The bundles as JSON Lines, signed as the identity of this job. Raises UsageError or AttestationError."""
    oidc, errors = _library("sigstore.oidc"), _library("sigstore.errors")
    try:
        token = oidc.detect_credential()
        if not token:
            raise UsageError(
                "This is no CI job with an OpenID token, so there is no identity to sign with; on GitHub give the "
                "job `permissions: id-token: write`, or sign with a key (--key)."
            )
        trust = _library("sigstore.models").ClientTrustConfig.production()
        context = _library("sigstore.sign").SigningContext.from_trust_config(trust)
        statement = _library("sigstore.dsse").Statement
        with context.signer(oidc.IdentityToken(token)) as signer:
            lines = [
                signer.sign_dsse(statement(msgspec.json.encode(one))).to_json().encode() for one in found
            ]
    except (errors.Error, oidc.ExpiredIdentity, oidc.IssuerError, OSError) as problem:
        raise AttestationError(f"Sigstore did not sign: {_said(problem)}; run this again.") from None
    return b"\n".join(lines) + b"\n"


def opened(data: bytes, identity: Identity, source: str, verifier: Any = None) -> tuple[Statement, ...]:
    """The statements of bundles that ``identity`` has signed. Raises AttestationError.

    ``verifier`` is a ``sigstore.verify.Verifier``, by default that of the public service.
    """
    errors = _library("sigstore.errors")
    lines = [line for line in data.splitlines() if line.strip()]
    if len(data) > MAX_BYTES or not lines or len(lines) > MAX_ENVELOPES:
        raise AttestationError(f"{source} holds no Sigstore bundles, one a line; sign with --keyless.")
    policy = _library("sigstore.verify.policy").Identity(identity=identity.name, issuer=identity.issuer)
    bundles = [_bundle(line, source) for line in lines]
    try:
        verifier = verifier or _library("sigstore.verify").Verifier.production()
        payloads = [verifier.verify_dsse(bundle, policy) for bundle in bundles]
    except (errors.NetworkError, errors.TUFError, OSError) as problem:
        raise AttestationError(
            f"Sigstore's trust root cannot be had: {_said(problem)}; run this again."
        ) from None
    except errors.Error as problem:
        raise AttestationError(
            f"{source} is not signed by {identity.name} (issuer {identity.issuer}), or was altered: {_said(problem)}."
        ) from None
    for kind, _ in payloads:
        if kind != PAYLOAD_TYPE:
            raise AttestationError(f"{source} holds a payload of type {kind[:60]!r}, not an attestation.")
    return tuple(statement_of(payload, source) for _, payload in payloads)


def _bundle(line: bytes, source: str) -> Any:
    models = _library("sigstore.models")
    try:
        return models.Bundle.from_json(line)
    except Exception as problem:  # the library and its parsers raise many kinds
        raise AttestationError(
            f"{source} is no Sigstore bundle ({_said(problem)}); sign with --keyless, or verify with --key."
        ) from None


def _said(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:200] or type(problem).__name__


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            "Signing without keys needs the extra 'keyless': `pip install 'change-harness[keyless]'`."
        ) from None
