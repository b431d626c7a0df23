"""The digest of a policy, by which a report and an attestation name it."""

import hashlib

import msgspec

from harness.config.schema import Config


def digest_of(config: Config) -> str:
    """SHA-256 (hex) of the configuration that decided, its keys in order; comments do not count."""
    return hashlib.sha256(msgspec.json.encode(config, order="sorted")).hexdigest()
