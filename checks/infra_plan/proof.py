"""The executed proof of a destruction: the replay itself, and a folder to repeat it by hand."""

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.check.interface import Probe, ProofPlan, Reply, Side

from .configuration import Configuration
from .drafts import Loss
from .roots import Root

MAX_FILES = 300
MAX_BYTES = 4 << 20
OUTPUTS = ("state.json", "base-on-base.json", "head-on-base.json", "counterfactual.json")
SECRET = re.compile(
    r'(?im)^(\s*"?[\w-]*(?:password|passwd|secret|token|private_key|api_key|access_key)[\w-]*"?\s*=\s*)"[^"\n]*"'
)
SECRET_JSON = re.compile(
    r'(?i)("[\w-]*(?:password|passwd|secret|token|private_key|api_key|access_key)[\w-]*"\s*:\s*)"(?:[^"\\\n]|\\.)*"'
)

SCRIPT = """\
#!/bin/sh
# Shows what head's plan does to base's infrastructure: no cloud, no credentials, nothing is applied.
# Usage: sh replay.sh [terraform or tofu]{note}
set -eu
tool=${{1:-terraform}}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
plan() {{ # SIDE ROOT
  cp -R "$here/$1" "$work/now"
  cd "$work/now/$2"
  cp "$here/state.json" harness.tfstate
  printf 'terraform {{\\n  backend "local" {{\\n    path = "harness.tfstate"\\n  }}\\n}}\\n' > zz_harness_override.tf
  cp "$here/placeholders.json" harness.placeholders.tfvars.json
  "$tool" init -input=false -no-color > init.log || {{ cat init.log; exit 1; }}
  echo "--- $1 planned on base's state:"
  {guards}
  "$tool" plan -refresh=false -lock=false -input=false -no-color -var-file=harness.placeholders.tfvars.json $3
  cd "$work"
  rm -rf "$work/now"
}}
plan base {base} '{base_files}'
plan head {head} '{head_files}'
echo "--- look for {address} in the second plan"
"""
NEEDS_PROVIDERS = """
# It needs the providers in a mirror of yours, and they may ask for credentials;
# `harness reproduce` needs none."""
UNGUARD = (
    'if [ "$1" = head ]; then find . -name "*.tf" -exec sed -i.bak '
    "'s/prevent_destroy *= *true/prevent_destroy = false/' {} +; fi"
)


def probe_for(some: Sequence[Loss], root: Root, probe: Probe, reply: Reply) -> Probe:
    """One probe that shows all of some losses. ``probe`` and ``reply`` are the replay's.

    It sees both trees as a whole, whatever the plan was found to read. A state without secrets travels with
    it, so that base need not be settled again.
    """
    changes = [loss.first for loss in some]
    request = {
        **probe.request,
        "addresses": [change.address for change in changes],
        "counterfactual": any(change.counterfactual for change in changes),
    }
    seeds = reply.of("seed")
    if len(seeds) == 1 and seeds[0].get("seed"):
        request["seed"] = seeds[0]["seed"]
    return replace(
        probe, entry="verdict.py", request=request, keep=False, label=f"proof {root.label}", files={},
        also=(Side.BASE, Side.HEAD),
    )  # fmt: skip


def plan_for(
    loss: Loss, root: Root, probe: Probe, sides: tuple[Configuration, Configuration], reply: Reply
) -> ProofPlan:
    """The proof of one loss by a ``probe`` of :func:`probe_for`; ``reply`` is the replay's."""
    change = loss.first
    verb = "replaced (destroyed, then created empty)" if change.replaces else "destroyed"
    return ProofPlan(
        probe=probe,
        about=change.address,
        input=f"plan of {root.head} on the infrastructure that base describes",
        base=f"the plan leaves {change.previous or change.address} in place",
        head=f"{change.address} would be {verb}"
        + "".join(f"; {forced.sentence()}" for forced in change.forced[:3]),
        sides=(Side.BASE, Side.HEAD),
        files=_files(loss, root, probe, sides, reply.files),
    )


def _files(
    loss: Loss, root: Root, probe: Probe, sides: tuple[Configuration, Configuration], out: Mapping[str, bytes]
) -> dict[str, bytes]:
    base, head = sides
    script = SCRIPT.format(
        base=_quoted(root.base),
        head=_quoted(root.head),
        base_files=_arguments(base, root.base, root.files),
        head_files=_arguments(head, root.head, root.files),
        note=NEEDS_PROVIDERS if probe.request.get("providers", {}).get("head") else "",
        address=re.sub(r"[^\w.\[\]-]", "?", loss.first.address),
        guards=UNGUARD if loss.first.blocked else ":",
    )
    files = {"replay.sh": script.encode()}
    files["placeholders.json"] = json.dumps(probe.request.get("placeholders", {}), indent=1).encode()
    for name, content in out.items():
        if name in OUTPUTS and len(content) <= MAX_BYTES:
            files[name] = content
    for label, configuration, path in (("base", base, root.base), ("head", head, root.head)):
        files |= {f"{label}/{name}": text for name, text in _code(configuration, path, root.files).items()}
        files.setdefault(f"{label}/{posixpath.normpath(posixpath.join(path, '.harness'))}", b"")
    return files


def _code(configuration: Configuration, root: str, extra: tuple[str, ...]) -> dict[str, bytes]:
    folders = set(configuration.reachable(root))
    names = [n for n in configuration.texts if (posixpath.dirname(n) or ".") in folders or n in extra]
    return {name: redact(configuration.texts[name]).encode() for name in names[:MAX_FILES]}


def redact(text: str) -> str:
    """HCL or its JSON without the literal values of arguments that are secret by their name."""
    return SECRET_JSON.sub(r'\1"(redacted)"', SECRET.sub(r'\1"(redacted)"', text))


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"


def _arguments(configuration: Configuration, root: str, files: tuple[str, ...]) -> str:
    there = [posixpath.relpath(path, root) for path in files if path in configuration.values]
    return " ".join(f"-var-file={path}" for path in there if re.fullmatch(r"[\w./-]+", path))
