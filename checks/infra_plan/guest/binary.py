"""Running terraform or tofu: no network, no prompts, no telemetry, output capped."""

import json
import os
import subprocess
import tempfile
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

MAX_OUTPUT = 256 << 20
MAX_ERROR = 20_000


class TerraformError(Exception):
    """A command of terraform failed. ``stage`` is its name, the text is what it said."""

    def __init__(self, stage: str, text: str) -> None:
        super().__init__(text)
        self.stage = stage


class PartialPlanError(TerraformError):
    """A plan that ends in errors; ``plan`` holds what could be planned, empty when nothing was written."""

    def __init__(self, text: str, plan: Dict[str, Any]) -> None:
        super().__init__("plan", text)
        self.plan = plan


class Terraform:
    """One working folder and the binary. ``deadline`` is a time.monotonic value."""

    def __init__(self, binary: str, folder: str, env: Dict[str, str], deadline: float) -> None:
        self.binary = binary
        self.folder = folder
        self.env = env
        self.deadline = deadline

    def run(self, *arguments: str) -> Tuple[int, bytes, str]:
        """(status, standard output, what it said on standard error or output)."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TerraformError(arguments[0], "no time is left")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                done = subprocess.run(
                    [self.binary, *arguments],
                    cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                    timeout=left,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise TerraformError(arguments[0], "it took longer than %d s" % left)
            out.seek(0)
            err.seek(0)
            printed = out.read(MAX_OUTPUT)
            said = err.read(MAX_ERROR).decode("utf-8", "replace")
        return done.returncode, printed, said or printed[-MAX_ERROR:].decode("utf-8", "replace")

    def init(self) -> None:
        """Install modules and providers from what the sandbox holds."""
        status, _, said = self.run("init", "-input=false", "-no-color", "-reconfigure")
        if status:
            raise TerraformError("init", plain(said))

    def plan(
        self, state: Optional[Dict[str, Any]], variables: Sequence[str], state_path: str
    ) -> Dict[str, Any]:
        """Plan on a state (None: nothing exists yet); the plan as ``show -json`` gives it.

        The plan file stays at :attr:`plan_path`. Raises PartialPlanError for a plan that ends in errors.
        """
        _write_state(state_path, state)
        if os.path.exists(self.plan_path):
            os.remove(self.plan_path)
        status, _, said = self.run(
            "plan", "-refresh=false", "-lock=false", "-input=false", "-no-color",
            "-out=" + self.plan_path, *variables,
        )  # fmt: skip
        if status:
            # What was planned before the error is written, too (Terraform 1.6 and OpenTofu 1.6).
            raise PartialPlanError(plain(said), self._shown() if os.path.exists(self.plan_path) else {})
        return self._shown()

    def _shown(self) -> Dict[str, Any]:
        status, printed, said = self.run("show", "-json", self.plan_path)
        if status:
            raise TerraformError("show", plain(said))
        return decode(printed, "show")

    def schemas(self) -> Dict[str, Any]:
        """Provider schemas by provider address."""
        status, printed, said = self.run("providers", "schema", "-json")
        if status:
            raise TerraformError("providers schema", plain(said))
        schemas = decode(printed, "providers schema").get("provider_schemas")
        return schemas if isinstance(schemas, dict) else {}

    @property
    def plan_path(self) -> str:
        return os.path.join(self.folder, "harness.tfplan")


def _write_state(path: str, state: Optional[Dict[str, Any]]) -> None:
    for leftover in (path, path + ".backup"):
        if os.path.exists(leftover):
            os.remove(leftover)
    if state is not None:
        with open(path, "w") as stream:
            json.dump(state, stream)


def decode(printed: bytes, stage: str) -> Dict[str, Any]:
    """The JSON object that a command printed."""
    try:
        value = json.loads(printed)
    except ValueError:
        raise TerraformError(stage, "its output is no JSON")
    if not isinstance(value, dict):
        raise TerraformError(stage, "its output is no JSON object")
    return value


def plain(text: str) -> str:
    """Terraform's diagnostics without their box drawing, empty lines and trailing blanks."""
    lines: List[str] = []
    for line in text.splitlines():
        stripped = line.strip("│╷╵ \t").rstrip()
        if stripped:
            lines.append(stripped)
    return "\n".join(lines)
