"""A filesystem mirror that holds the test provider."""

import os
import sys
from pathlib import Path

from tests.packs.two_trees import verify

ACME = "registry.acme.test/acme/acme"
HEADER = """terraform {
  required_providers {
    acme = { source = "registry.acme.test/acme/acme" }
    aws  = { source = "registry.acme.test/acme/acme" }
  }
}
provider "acme" {}
"""


def mirror(place: Path, version: str = "1.0.0", marks: tuple[str, ...] = ()) -> Path:
    """Make (or add to) a mirror; ``marks`` are files beside the program that change what it does."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    folder = place / ACME / version / f"linux_{machine}"
    folder.mkdir(parents=True)
    program = folder / f"terraform-provider-acme_v{version}"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("acme.py")}" "$0"\n')
    program.chmod(0o755)
    for mark in marks:
        (folder / mark).touch()
    return place


def plan(place, base, head, settings=None, marks=(), header=HEADER):
    """Run the check on two configurations of the test provider: (outcome, context)."""
    here = place / "mirror"
    if not here.exists():
        mirror(here, marks=marks)
    sides = [code if isinstance(code, dict) else {"infra/main.tf": header + code} for code in (base, head)]
    return verify("infra_plan", place / "trees", *sides, {"mirror": str(here), **(settings or {})})
