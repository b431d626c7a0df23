"""The plan that would have been harmless: what forces the loss taken back, or the move declared.

Everything else of head stays. When that plan leaves a resource in place, the argument (or the
missing ``moved`` block) is the cause, not a coincidence.
"""

import json
import os
import posixpath
import re
from typing import Any, Dict, List, Set, Tuple

from .binary import Terraform, TerraformError
from .replaying import Replay
from .synthesis import Object, managed

NAME = "zz_harness_counterfactual"
IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
Override = Tuple[str, str, str]
ATTEMPTS = 3


class Counterfactual:
    """Edits to head, by file; ``how`` says by address what was taken back, as a clause."""

    def __init__(self, plan: Object, found: List[Object]) -> None:
        self.how: Dict[str, str] = {}
        self._moves: List[str] = []
        self._ignored: Dict[Override, Set[str]] = {}
        folders = _folders(plan)
        for change in found:
            if "delete" not in change["actions"]:
                continue
            names = {p["path"][0] for p in change["forced"] if p["path"] and isinstance(p["path"][0], str)}
            names = {name for name in names if IDENTIFIER.fullmatch(name)}
            folder = folders.get(_module(change["module"]))
            if change["twin"]:
                self._moves.append(
                    "moved {\n  from = %s\n  to   = %s\n}\n" % (change["address"], change["twin"])
                )
                self.how[change["address"]] = "with a moved block to %s" % change["twin"]
            elif names and folder is not None:
                key = (folder, change["resource_type"], change["name"])
                self._ignored.setdefault(key, set()).update(names)
                self.how[change["address"]] = "with %s left as it is" % ", ".join(sorted(names))

    def files(self) -> Dict[str, str]:
        """Files to add to head, by path below the root module's folder."""
        files: Dict[str, str] = {}
        if self._moves:
            files[NAME + ".tf"] = "".join(self._moves)
        for (folder, kind, name), ignored in sorted(self._ignored.items()):
            path = posixpath.normpath(posixpath.join(folder, NAME + "_override.tf"))
            files[path] = files.get(path, "") + (
                "resource %s %s {\n  lifecycle {\n    ignore_changes = [%s]\n  }\n}\n"
                % (json.dumps(kind), json.dumps(name), ", ".join(sorted(ignored)))
            )
        return files

    def harmless(self, replay: Replay, terraform: Terraform) -> Set[str]:
        """The addresses that head's plan leaves in place with these edits; head is the active side."""
        for _ in range(ATTEMPTS):
            if not self.how:
                break
            try:
                plan = self._planned(replay, terraform)
            except TerraformError as error:
                if not self._drop(str(error)):
                    break
                continue
            destroyed = {c["address"] for c in managed(plan) if "delete" in c["change"]["actions"]}
            return {address for address in self.how if address not in destroyed}
        return set()

    def _planned(self, replay: Replay, terraform: Terraform) -> Object:
        """Head's plan with the edits. Raises TerraformError."""
        root = replay.sides["head"].folder
        place = os.path.realpath(replay.sides["head"].place)
        written = []
        try:
            for path, text in self.files().items():
                target = os.path.realpath(os.path.join(root, path))
                if not target.startswith(place + os.sep):
                    raise TerraformError("plan", "a module lies outside the tree")
                with open(target, "w") as stream:
                    stream.write(text)
                written.append(target)
            return replay.plan(terraform, "head", replay.state)
        finally:
            for target in written:
                os.remove(target)

    def _drop(self, error: str) -> bool:
        """Give up on the resources that an error names (an argument that only fits with another one)."""
        named = set(re.findall(r"(?m)\bwith ([^\s,]+(?:\[[^\]]*\])?),", error))
        lost = {address for address in self.how if address in named}
        for address in lost:
            del self.how[address]
        for key in list(self._ignored):
            own = "%s.%s" % key[1:]
            if any(_module(address).endswith(own) for address in lost):
                del self._ignored[key]
        return bool(lost)


def _module(address: str) -> str:
    """A module's address without indexes."""
    return re.sub(r"\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\]", "", address)


def _folders(plan: Object) -> Dict[str, str]:
    """By module address: its folder, relative to the root module's; local modules only."""
    found = {"": "."}

    def walk(module: Any, prefix: str, folder: str) -> None:
        for name, call in module.get("module_calls", {}).items():
            source = str(call.get("source", ""))
            if source.startswith(("./", "../")):
                address = "%s%smodule.%s" % (prefix, "." if prefix else "", name)
                found[address] = posixpath.normpath(posixpath.join(folder, source))
                walk(call.get("module", {}), address, found[address])

    walk(plan.get("configuration", {}).get("root_module", {}), "", ".")
    return found
