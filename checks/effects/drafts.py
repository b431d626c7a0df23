"""Makes findings of new events: words, weight, and the proof that shows them again."""

import json
import re
from collections.abc import Callable, Sequence

from harness.check.interface import Context, Draft, Location, Probe, ProofPlan, Severity, Side

from .changed import Changed
from .events import Event, Frame

_CREDENTIALS = re.compile(
    r"/\.(?:aws|ssh|gnupg|kube|docker|azure|netrc|pgpass|npmrc|pypirc|git-credentials|boto|vault-token|terraform\.d|mozilla)\b"
    r"|/\.config/(?:gcloud|gh|hub|google-chrome|rclone)\b|/etc/(?:shadow|sudoers|gshadow)|/environ$|/proc/\d+/(?:mem|maps)"
    r"|id_(?:rsa|ed25519|ecdsa)|/(?:var/)?run/secrets|credentials|/\.env$|/docker\.sock|/etc/ssh|/\.bash_history|/\.zsh_history"
)
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL", re.IGNORECASE)
_PLATFORM = re.compile(
    r"^(?:AWS|GITHUB|GH|GITLAB|CI_JOB|ACTIONS|AZURE|GOOGLE|GCP|KUBE|NPM|PYPI|TWINE|DOCKER|VAULT|SSH|VSCODE)_",
    re.IGNORECASE,
)
_ORDINARY = re.compile(
    r"^(?:PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|PWD|SHELL|TERM|COLORTERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR"
    r"|CLICOLOR\w*|PYTEST\w*|PYTHON\w*|VIRTUAL_ENV|XDG_\w+|EFFECTS_\w+|CI|DISPLAY|EDITOR|VISUAL|PAGER)$"
)
_WORDS = {
    "network": ("connects to", "network-destination", "A network connection that base does not make"),
    "process": ("starts", "process", "A program that base does not start"),
    "read": ("reads", "file-outside", "A file outside of the project that base does not read"),
    "write": ("changes", "file-outside-written", "A file outside of the project that base does not touch"),
    "env": ("reads the environment variable", "environment", "A variable that base does not read"),
}
MakeProbe = Callable[..., Probe]


def is_ordinary(event: Event) -> bool:
    """Whether an event says nothing about a change: variables that every program reads."""
    return event.kind == "env" and bool(_ORDINARY.match(event.what))


def severity_of(event: Event) -> Severity:
    """How grave an effect is: credentials and anything at import first, settings last."""
    if event.kind == "env":
        if _SECRET_NAME.search(event.what) and _PLATFORM.match(event.what):
            return "medium"
        return "low" if _SECRET_NAME.search(event.what) and event.at_import else "info"
    if _CREDENTIALS.search(event.what):
        return "high"
    if event.kind in ("network", "process"):
        return "high" if event.at_import else "medium"
    return "low" if event.kind == "read" else "medium"


def make_draft(
    context: Context, event: Event, frame: Frame, changed: Changed, modules: Sequence[str], probe: MakeProbe
) -> Draft:
    """The finding about an event at the frame that is responsible for it."""
    verb, rule, lead = _WORDS[event.kind]
    secret = event.kind in ("read", "write") and bool(_CREDENTIALS.search(event.what))
    symbol = changed.symbol(frame)
    when = (
        "when it is imported"
        if event.at_import and not event.test
        else f"while {event.test or 'a test'} runs"
    )
    name = symbol.rsplit(".", 1)[-1]
    return Draft(
        rule="credentials-read" if secret else rule,
        category="effect",
        severity=severity_of(event),
        title=f"{name} newly {verb} {event.what}",
        message=f"{lead}: {symbol} {verb} {event.text} {when}. {_stack(event)}",
        location=Location(frame.path, frame.line, None, symbol),
        key=f"{event.kind} {event.what}",
        cwe=("CWE-522",) if secret else ("CWE-200",) if event.kind == "network" else (),
        proof=_proof(context, event, changed, modules, probe, verb),
        drop_unconfirmed=event.kind == "env",
        suggestion=_SUGGESTIONS[event.kind],
        detail=_stack(event, "\n"),
        group=f"effect {frame.path} {symbol}",
    )


_SUGGESTIONS = {
    "network": "Say in the change why it must talk to this host, and let callers turn it off; never at import.",
    "process": "Say in the change why this program is needed; never start one at import.",
    "read": "Take the path as an argument or a setting; leave credentials to the libraries that own them.",
    "write": "Take the path as an argument or a setting.",
    "env": "Document the setting.",
}


def _stack(event: Event, separator: str = "; ") -> str:
    lines = [f"{frame.path}:{frame.line} in {frame.name}" for frame in event.stack]
    return f"Called from {separator.join(lines)}." if separator == "; " and lines else separator.join(lines)


def _proof(
    context: Context, event: Event, changed: Changed, modules: Sequence[str], probe: MakeProbe, verb: str
) -> ProofPlan:
    asked = {"kind": event.kind, "what": event.what}
    tests = [event.test] if event.test else None
    replay = probe(context, modules, tests, verdict=asked, overlay="/in/head" if event.test else "")
    shown = event.test or f"import {event.stack[-1].path}"
    new = not event.test and all(changed.is_new(frame.path) for frame in event.stack)
    return ProofPlan(
        probe=replay,
        input=shown,
        base=None if new else f"does not: no event {event.kind} {event.what}",
        head=f"{verb} {event.text}",
        sides=(Side.HEAD,) if new else (Side.BASE, Side.HEAD),
        files={"effect_@id@.py": _script(context, event, modules).encode()},
    )


def _script(context: Context, event: Event, modules: Sequence[str]) -> str:
    """A script that shows the event in a checkout of head: the hook is the one of the guest."""
    hook = (context.pack / "guest" / "hook.py").read_text("utf-8")
    what = json.dumps({"test": event.test, "modules": list(modules), "kind": event.kind, "what": event.what})
    return _SCRIPT.replace("@WHAT@", json.dumps(what)).replace("@HOOK@", json.dumps(hook))


_SCRIPT = '''"""Run in a checkout of head: python effect_@id@.py. It runs the code of the checkout under an audit hook.

Take a container or a virtual machine for it: what the code does is real here.
"""

import json
import os
import subprocess
import sys
import tempfile

WHAT = json.loads(@WHAT@)
HOOK = @HOOK@

with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "events")
    open(out, "w").close()
    with open(os.path.join(folder, "_effects_hook.py"), "w") as stream:
        stream.write(HOOK)
    with open(os.path.join(folder, "sitecustomize.py"), "w") as stream:
        stream.write("import _effects_hook\\n_effects_hook.HOOK = _effects_hook.start()\\n")
    path = os.pathsep.join([folder, os.path.abspath("src"), os.getcwd()])
    env = {**os.environ, "PYTHONPATH": path, "EFFECTS_PIPE": out, "EFFECTS_TREE": os.getcwd()}
    code = "import importlib\\nfor name in %r: importlib.import_module(name)" % (WHAT["modules"],)
    command = ["-m", "pytest", "-q", WHAT["test"]] if WHAT["test"] else ["-c", code]
    subprocess.run([sys.executable, "-B", *command], env=env)
    lines = [json.loads(line) for line in open(out) if line.strip()]
found = [line for line in lines if (line.get("kind"), line.get("what")) == (WHAT["kind"], WHAT["what"])]
for line in found:
    print("%s %s" % (line["kind"], line["text"]))
    for path, _first, number, name in line["stack"]:
        print("    %s:%s in %s" % (path, number, name))
print("it happens here" if found else "it does not happen here")
sys.exit(1 if found else 0)
'''
