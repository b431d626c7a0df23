"""``harness attest``: sign what was verified, and gate on it."""

import datetime
import hashlib
from pathlib import Path

import click

from harness.attest import envelope, keyless, keys, verify
from harness.attest.statement import about_report, statements
from harness.errors import ReportError, UsageError
from harness.report import json_report
from harness.report.escape import terminal_text

NAME = "attestation.intoto.jsonl"
GITHUB = "https://token.actions.githubusercontent.com"


@click.group("attest")
def attest_group() -> None:
    """Sign what was verified (extra: attest), and gate a deployment on it."""


@attest_group.command("keygen")
@click.option("--out", type=click.Path(path_type=Path), default=Path("harness-attest"), show_default=True,
              metavar="NAME", help="Writes NAME.key and NAME.pub.")  # fmt: skip
def keygen_command(out: Path) -> int:
    """Make a pair of Ed25519 keys: NAME.key to sign with, NAME.pub to hand out."""
    private, public = keys.write_pair(out)
    click.echo(f"Made {private} (keep it secret) and {public} (give it to whoever verifies).")
    return 0


@attest_group.command("sign")
@click.argument("report_dir", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help=f"Private key [default: the one in {keys.VARIABLE}].")  # fmt: skip
@click.option("--keyless", "without_key", is_flag=True,
              help="Sign as the identity of this CI job, by Sigstore (extra: keyless).")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help=f"Where to write it [default: {NAME} in REPORT_DIR].")  # fmt: skip
def sign_command(report_dir: Path, key: Path | None, without_key: bool, out: Path | None) -> int:
    """Sign what REPORT_DIR says of its head commit, whatever the outcome."""
    data, source = _report_bytes(report_dir)
    report = json_report.decode(data, str(source))
    digest = hashlib.sha256(data).hexdigest()
    found = statements(report, digest)
    if without_key and key is not None:
        raise UsageError("Give either --key or --keyless.")
    if without_key:
        bundle, by = keyless.sign(about_report(found, digest)), "Sigstore"
    else:
        signer = keys.private_key(key)
        bundle, by = envelope.sign(found, signer), f"key {signer.public_key.keyid[:16]}"
    target = out or source.parent / NAME
    try:
        target.write_bytes(bundle)
    except OSError as problem:
        raise UsageError(
            f"{target} cannot be written: {problem.strerror}; name another with --out."
        ) from None
    click.echo(f"Signed {report.outcome} of {report.change.head[:10]} in {target} ({by}).")
    return 0


@attest_group.command("verify")
@click.argument("file", metavar="ENVELOPE", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), metavar="PUB",
              help="Public key of the one you trust.")  # fmt: skip
@click.option("--identity", metavar="WHO", help="Or the identity you trust: a workflow's URL, an address.")
@click.option("--issuer", default=GITHUB, show_default=True, help="Who issued that identity's token.")
@click.option("--report", type=click.Path(path_type=Path), metavar="REPORT_DIR",
              help="A report that must be the attested one.")  # fmt: skip
@click.option("--require", multiple=True, metavar="NAME=VALUE",
              help="outcome=pass,review; risk=medium; commit=ID; policy=SHA256; check=ID (repeatable).")  # fmt: skip
@click.option("--max-age", metavar="AGE", help="How long ago the commit may have been verified, such as 7d.")
def verify_command(
    file: Path, key: Path | None, identity: str | None, issuer: str, report: Path | None,
    require: tuple[str, ...], max_age: str | None,
) -> int:  # fmt: skip
    """Say whether ENVELOPE is signed by whom you trust and meets every requirement.

    Exit status: 0 when it does, 1 when not, 2 wrong usage.
    """
    oldest = verify.age(max_age) if max_age else None
    if (key is None) == (identity is None):
        raise UsageError(
            "Say whom you trust: --key PUB, or --identity WHO for what was signed with --keyless."
        )
    if key is not None:
        attested = verify.verify(_bundle(file), keys.public_key(key), str(file))
    else:
        who = keyless.Identity(identity or "", issuer)
        attested = verify.attested(keyless.opened(_bundle(file), who, str(file)), str(file))
    for requirement in require:
        verify.check_requirement(attested, requirement)
    if report is not None:
        verify.check_report(attested, _report_bytes(report)[0])
    verify.check_time(attested, datetime.datetime.now(datetime.UTC), oldest)
    result = attested.result
    click.echo(
        f"{attested.commit} was verified at {attested.created.isoformat()}: {result.outcome}, "
        f"risk {result.risk_score} of 100 ({result.risk_level}), policy {terminal_text(result.policy, 200)}."
    )
    return 0


def _bundle(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(envelope.MAX_BYTES + 1)
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}.") from None


def _report_bytes(place: Path) -> tuple[bytes, Path]:
    """(bytes of report.json, its path); the very bytes are what is attested."""
    path = place / json_report.NAME if place.is_dir() else place
    try:
        with path.open("rb") as stream:
            data = stream.read(json_report.MAX_BYTES + 1)
    except OSError as problem:
        raise ReportError(
            f"No report can be read at {path} ({problem.strerror}); name the folder that `harness verify` wrote."
        ) from None
    if len(data) > json_report.MAX_BYTES:
        raise ReportError(
            f"{path} is larger than {json_report.MAX_BYTES >> 20} MiB, which no verification writes."
        )
    return data, path
