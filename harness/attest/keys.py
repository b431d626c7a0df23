"""Ed25519 keys in PEM. The library is an extra, so it is imported when it is needed."""

import importlib
import os
from pathlib import Path
from typing import Any

from harness.errors import UsageError

VARIABLE = "HARNESS_ATTEST_KEY"
"""Environment variable that holds a private key in PEM, for CI without a file."""
MAX_BYTES = 64 << 10


def library(name: str) -> Any:
    """A module of securesystemslib or cryptography. Raises UsageError when the extra is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            "Attestations need the extra 'attest': install it with `pip install 'change-harness[attest]'`."
        ) from None


def generate() -> tuple[bytes, bytes]:
    """(private key, public key) in PEM, made anew."""
    signer = library("securesystemslib.signer").CryptoSigner.generate_ed25519()
    forms = library("cryptography.hazmat.primitives.serialization")
    key = forms.load_pem_private_key(signer.private_bytes, None).public_key()
    return signer.private_bytes, key.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)


def write_pair(out: Path) -> tuple[Path, Path]:
    """Write a new pair to ``out``.key (readable by its owner only) and ``out``.pub.

    Raises UsageError when either is there already: a key in use must not be lost.
    """
    private, public = generate()
    files = out.with_name(out.name + ".key"), out.with_name(out.name + ".pub")
    for file, mode, content in ((files[0], 0o600, private), (files[1], 0o644, public)):
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise UsageError(f"{file} is there already; name another one with --out.") from None
        except OSError as problem:
            raise UsageError(f"{file} cannot be written: {problem.strerror}.") from None
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    return files


def private_key(file: Path | None) -> Any:
    """The signer of a private key file, else of the environment's key. Raises UsageError."""
    text = _read(file) if file is not None else os.environ.get(VARIABLE, "").encode()
    source = str(file) if file is not None else VARIABLE
    if not text:
        raise UsageError(f"There is no key to sign with: give --key FILE, or put the key into {VARIABLE}.")
    forms = library("cryptography.hazmat.primitives.serialization")
    try:
        key = forms.load_pem_private_key(text, None)
    except Exception:  # the library raises many kinds, and none of their texts may quote the key
        raise UsageError(
            f"{source} holds no private key in PEM without a passphrase; make one with `harness attest keygen`."
        ) from None
    _require_ed25519(key, "Ed25519PrivateKey", source)
    return library("securesystemslib.signer").CryptoSigner(key)


def public_key(file: Path) -> Any:
    """The public key in a file. Raises UsageError."""
    text = _read(file)
    forms = library("cryptography.hazmat.primitives.serialization")
    try:
        key = forms.load_pem_public_key(text)
    except Exception:
        raise UsageError(
            f"{file} holds no public key in PEM; give the .pub file of `harness attest keygen`."
        ) from None
    _require_ed25519(key, "Ed25519PublicKey", str(file))
    return library("securesystemslib.signer").SSlibKey.from_crypto(key)


def _require_ed25519(key: Any, kind: str, source: str) -> None:
    module = library("cryptography.hazmat.primitives.asymmetric.ed25519")
    if not isinstance(key, getattr(module, kind)):
        raise UsageError(f"{source} holds a key that is not Ed25519; make one with `harness attest keygen`.")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError as problem:
        raise UsageError(f"The key {file} cannot be read: {problem.strerror}.") from None
