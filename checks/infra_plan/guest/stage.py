"""Where a replay happens: both sides' copies, the environment of terraform, the providers."""

import json
import os
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

from .binary import Terraform, TerraformError
from .provider import proxy
from .provider.schema import words
from .synthesis import Object
from .wire import link
from .wire.grpc import CallError
from .workspace import VARIABLES, Workspace

VERSION = r'(required_version\s*=\s*)"[^"\n]*"'
PROVIDERS = 'provider_installation {\n  filesystem_mirror {\n    path = "/nonexistent"\n  }\n}\n'
CODE = (".tf", ".tofu", ".json")


class Stage:
    """What both sides share; a request without head's root is about base alone.

    ``notes`` are sentences about what had to be bent to make it run.
    """

    def __init__(self, request: Object) -> None:
        paths = request.get("paths") or {}
        self.request = request
        self.work = paths.get("work", "/tmp/replay")
        self.notes: List[str] = []
        os.makedirs(os.path.join(self.work, "tmp"))
        place = os.path.join(self.work, "now")
        self.sides = {}
        for side in sorted(request["roots"]):
            source, store = paths.get(side, "/in/" + side), os.path.join(self.work, side)
            self.sides[side] = Workspace(
                source, store, place, request["roots"][side], request["folders"][side]
            )
        self.deadline = time.monotonic() + float(request.get("seconds", 120))
        self.env = self._environment()
        self.proxies: Dict[str, List[proxy.Proxy]] = {"base": [], "head": []}
        self.running: Dict[str, proxy.Proxy] = {}

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
        running = self.running
        alike = specs.get("head", specs.get("base")) == specs.get("base")  # their places are named alike then
        kept = (self.request.get("seed") or {}).get("schemas", {}) if alike else {}
        wanted = words(self._code())
        try:
            for side, proxies in self.proxies.items():
                for spec in specs.get(side, []):
                    key = spec["source"] + " " + spec["program"]
                    if key not in running:
                        place = os.path.join(self.work, "provider%d" % len(running))
                        os.makedirs(place)
                        running[key] = proxy.Proxy(spec, wanted, self.env, place, kept.get(key))
                    proxies.append(running[key])
        except (CallError, OSError) as error:
            raise TerraformError("provider", str(error))

    def _code(self) -> Iterator[bytes]:
        """All code that names resource types: the modules, and the state where one is given."""
        for side, workspace in self.sides.items():
            for folder in self.request["folders"][side]:
                place = os.path.join(workspace.store, folder)
                for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
                    if name.endswith(CODE):
                        with open(os.path.join(place, name), "rb") as stream:
                            yield stream.read()
        if self.request.get("state") and os.path.isfile(self.request["state"]):
            with open(self.request["state"], "rb") as stream:
                yield stream.read()

    def close(self) -> None:
        """End the providers."""
        for one in {*self.proxies["base"], *self.proxies["head"]}:
            one.close()

    @contextmanager
    def entered(self, side: str) -> Iterator[Terraform]:
        """A side as the active one: overrides written, providers and modules installed."""
        terraform = self._enter(side)
        try:
            yield terraform
        finally:
            self.sides[side].leave()

    def _enter(self, side: str) -> Terraform:
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

    def variables(self, side: str) -> List[str]:
        """Arguments that set the variables: the repository's files, then placeholders."""
        workspace = self.sides[side]
        files = [
            os.path.join(workspace.place, name) for name in self.request.get("var_files", {}).get(side, [])
        ]
        return ["-var-file=" + path for path in [os.path.join(workspace.folder, VARIABLES), *files]]

    def plan(self, terraform: Terraform, side: str, state: Optional[Object]) -> Object:
        """The plan of an entered side on a state; None: nothing exists yet."""
        return terraform.plan(state, self.variables(side), self.sides[side].state_path)

    def given_state(self) -> Optional[Object]:
        """The real state that the user named, None without one. Raises TerraformError."""
        path = self.request.get("state")
        if not path:
            return None
        try:
            with open(path, encoding="utf-8") as stream:
                state: Any = json.load(stream)
        except (OSError, ValueError) as error:
            raise TerraformError("state", "the state file cannot be read: %s" % error)
        if not isinstance(state, dict) or state.get("version") != 4:
            raise TerraformError("state", "the state file is not of format 4")
        # A state of a newer release would be refused although its format is the same.
        return dict(state, terraform_version="1.0.0")
