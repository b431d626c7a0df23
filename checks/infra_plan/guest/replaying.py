"""Plan-on-plan replay: base's own state first, then head's plan on top of it."""

import json
import os
import re
import time
from typing import Dict, Iterator, List, Optional, Set

from .binary import Terraform, TerraformError
from .planfile import dynamic_types
from .provider import proxy
from .provider.schema import words
from .synthesis import Object, Synthesis, managed
from .wire import link
from .wire.grpc import CallError
from .workspace import VARIABLES, Workspace

ROUNDS = 8
NO_CHANGE = (["no-op"], ["read"])
GUARD = r"prevent_destroy\s*=\s*true"
VERSION = r'(required_version\s*=\s*)"[^"\n]*"'
PROVIDERS = 'provider_installation {\n  filesystem_mirror {\n    path = "/nonexistent"\n  }\n}\n'
CODE = (".tf", ".tofu", ".json")


class Replay:
    """One run. ``notes`` are sentences about what had to be bent to make it run."""

    def __init__(self, request: Object) -> None:
        paths = request.get("paths") or {}
        self.request = request
        self.work = paths.get("work", "/tmp/replay")
        self.notes: List[str] = []
        self.residual: Dict[str, Object] = {}
        self.state: Object = {}
        self.rounds = 0
        os.makedirs(os.path.join(self.work, "tmp"))
        place = os.path.join(self.work, "now")
        self.sides = {}
        for side in ("base", "head"):
            source, store = paths.get(side, "/in/" + side), os.path.join(self.work, side)
            self.sides[side] = Workspace(
                source, store, place, request["roots"][side], request["folders"][side]
            )
        self.deadline = time.monotonic() + float(request.get("seconds", 120))
        self.env = self._environment()
        self.proxies: Dict[str, List[proxy.Proxy]] = {"base": [], "head": []}

    def _environment(self) -> Dict[str, str]:
        config = os.path.join(self.work, "cli.tfrc")
        with open(config, "w") as stream:
            stream.write(PROVIDERS)
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.work, "LC_ALL": "C",
            "TMPDIR": os.path.join(self.work, "tmp"), "TF_CLI_CONFIG_FILE": config, "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true", "GOMAXPROCS": "2",
        }  # fmt: skip

    def start_providers(self) -> None:
        """Start every provider once; both sides share it unless their versions differ.

        Raises TerraformError when one does not start.
        """
        specs = self.request.get("providers") or {}
        packages = self.request.get("packages") or []
        if packages:
            link.use(os.path.dirname(packages[0]))
        running: Dict[str, proxy.Proxy] = {}
        wanted = words(self._code())
        try:
            for side, proxies in self.proxies.items():
                for spec in specs.get(side, []):
                    key = spec["source"] + " " + spec["program"]
                    if key not in running:
                        place = os.path.join(self.work, "provider%d" % len(running))
                        os.makedirs(place)
                        running[key] = proxy.Proxy(spec, wanted, self.env, place)
                    proxies.append(running[key])
        except (CallError, OSError) as error:
            raise TerraformError("provider", str(error))

    def _code(self) -> Iterator[bytes]:
        """All code that names resource types: both sides' modules, and the state where one is given."""
        for side, workspace in self.sides.items():
            for folder in self.request["folders"][side]:
                place = os.path.join(workspace.store, folder)
                for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
                    if name.endswith(CODE):
                        with open(os.path.join(place, name), "rb") as stream:
                            yield stream.read()

    def close(self) -> None:
        """End the providers."""
        for one in {*self.proxies["base"], *self.proxies["head"]}:
            one.close()

    def enter(self, side: str) -> Terraform:
        """Make a side the active one: overrides written, providers and modules installed."""
        workspace = self.sides[side]
        workspace.enter()
        workspace.prepare(
            self.request.get("placeholders") or {}, (self.request.get("remote_states") or {}).get(side, [])
        )
        env = dict(self.env)
        if self.proxies[side]:
            env["TF_REATTACH_PROVIDERS"] = json.dumps({p.source: p.reattach() for p in self.proxies[side]})
        terraform = Terraform(self.request["binary"], workspace.folder, env, self.deadline)
        self._init(terraform, workspace)
        return terraform

    def _init(self, terraform: Terraform, workspace: Workspace) -> None:
        try:
            terraform.init()
        except TerraformError as error:
            mended = False
            if "Unsupported Terraform Core version" in str(error) or "required_version" in str(error):
                mended = workspace.rewrite(VERSION, r'\1">= 0.12"')
                self.notes.append("required_version does not allow the binary at hand and was passed over")
            elif workspace.drop_lock():
                mended = True
                self.notes.append(
                    ".terraform.lock.hcl does not match the providers at hand and was passed over"
                )
            if not mended:
                raise
            terraform.init()

    def leave(self, side: str) -> None:
        self.sides[side].leave()

    def variables(self, side: str) -> List[str]:
        """Arguments that set the variables: the repository's files, then placeholders."""
        workspace = self.sides[side]
        files = [
            os.path.join(workspace.place, name) for name in self.request.get("var_files", {}).get(side, [])
        ]
        return ["-var-file=" + path for path in [os.path.join(workspace.folder, VARIABLES), *files]]

    def replay_base(self) -> Object:
        """Plan base until its own state needs nothing more; returns its last plan."""
        terraform = self.enter("base")
        try:
            plan = self._plan(terraform, "base", None)
            self.synthesis = Synthesis(terraform.schemas() if managed(plan) else {})
            self.state = self.synthesis.state(plan, dynamic_types(terraform.plan_path))
            return self._converge(terraform, plan)
        finally:
            self.leave("base")

    def _plan(self, terraform: Terraform, side: str, state: Optional[Object]) -> Object:
        return terraform.plan(state, self.variables(side), self.sides[side].state_path)

    def _converge(self, terraform: Terraform, plan: Object) -> Object:
        for self.rounds in range(1, ROUNDS + 1):
            try:
                plan = self._plan(terraform, "base", self.state)
            except TerraformError as error:
                refused = set(re.findall(r"(?m)\bwith ([^\s,]+(?:\[[^\]]*\])?),", str(error)))
                if not refused - self.synthesis.nulled:
                    raise
                self.synthesis.nulled |= refused
                plan = self._plan(terraform, "base", None)
                self.state = self.synthesis.state(plan, dynamic_types(terraform.plan_path))
                continue
            changes = [c for c in managed(plan) if c["change"]["actions"] not in NO_CHANGE]
            self.residual = {change["address"]: change for change in changes}
            if not changes:
                break
            self.synthesis.learn(changes)
            state = self.synthesis.state(plan, dynamic_types(terraform.plan_path), self.state)
            if state["resources"] == self.state["resources"]:
                break
            self.state = state
        return plan

    def replay_head(self) -> "HeadPlan":
        """Plan head on base's state; when guards forbid that, plan once more without them."""
        terraform = self.enter("head")
        try:
            return self._plan_head(terraform)
        finally:
            self.leave("head")

    def _plan_head(self, terraform: Terraform) -> "HeadPlan":
        try:
            return HeadPlan(self._plan(terraform, "head", self.state), set())
        except TerraformError as error:
            blocked = set(re.findall(r"(?m)Resource\s+(\S+)\s+has\s+lifecycle\.prevent_destroy", str(error)))
            if not blocked and "prevent_destroy" not in str(error):
                raise
        self.sides["head"].rewrite(GUARD, "prevent_destroy = false")
        return HeadPlan(self._plan(terraform, "head", self.state), blocked)


class HeadPlan:
    """Head's plan, and the addresses whose guard would make an apply of it fail."""

    def __init__(self, plan: Object, blocked: Set[str]) -> None:
        self.plan = plan
        self.blocked = blocked
