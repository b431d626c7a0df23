"""Private copies of base and head that are planned at one and the same absolute path.

Configurations may ask for their own path (``path.cwd``, ``abspath``); planning both sides in
the same place keeps such values equal. What could reach out or come from an earlier run is
left behind or overridden: backends, ``.terraform``, state files.
"""

import json
import os
import re
import shutil
from typing import Any, Dict, Iterator, List

LEFT_BEHIND = {".git", ".terraform", "node_modules", ".terragrunt-cache"}
LINKED_FROM = 1 << 20
MAX_COPIED = 20_000
OVERRIDE = "zz_harness_override.tf"
STATE = "harness.tfstate"
VARIABLES = "harness.placeholders.tfvars.json"
BACKEND = 'terraform {\n  backend "local" {\n    path = "%s"\n  }\n}\n'


class Workspace:
    """One side's copy. ``place`` is where it stands while it is active."""

    def __init__(self, source: str, store: str, place: str, root: str, folders: List[str]) -> None:
        self.store = store
        self.place = place
        self.root = root
        self.folders = folders
        self._copy(source)

    @property
    def folder(self) -> str:
        """The root module's folder while the workspace is active."""
        return os.path.normpath(os.path.join(self.place, self.root))

    @property
    def state_path(self) -> str:
        return os.path.join(self.folder, STATE)

    def _copy(self, source: str) -> None:
        """Copy what terraform may write beside; the rest becomes links to the read-only original."""
        os.makedirs(self.store)
        copied = 0
        for folder, names, files in os.walk(source):
            target = os.path.normpath(os.path.join(self.store, os.path.relpath(folder, source)))
            os.makedirs(target, exist_ok=True)
            names[:] = self._entered(source, folder, target, names)
            for name in files:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or name.endswith((".tfstate", ".tfstate.backup")):
                    continue
                copied += 1
                if os.path.getsize(path) > LINKED_FROM or copied > MAX_COPIED:
                    os.symlink(path, os.path.join(target, name))
                else:
                    shutil.copyfile(path, os.path.join(target, name))
        os.makedirs(os.path.join(self.store, self.root), exist_ok=True)

    def _entered(self, source: str, folder: str, target: str, names: List[str]) -> List[str]:
        """The subfolders to copy; those that terraform does not work in become links."""
        entered = []
        for name in names:
            path = os.path.join(folder, name)
            if name in LEFT_BEHIND or os.path.islink(path):
                continue
            if self._worked_in(os.path.relpath(path, source)):
                entered.append(name)
            else:
                os.symlink(path, os.path.join(target, name))
        return entered

    def _worked_in(self, path: str) -> bool:
        """Whether a folder is a module's, above one or below one (files that a module reads)."""
        return any(
            folder == "." or path == folder or folder.startswith(path + "/") or path.startswith(folder + "/")
            for folder in self.folders
        )

    def enter(self) -> None:
        os.rename(self.store, self.place)

    def leave(self) -> None:
        os.rename(self.place, self.store)

    def prepare(self, placeholders: Dict[str, Any], remote_states: List[Dict[str, Any]]) -> None:
        """Override backend and remote states, write placeholder variables (while active)."""
        with open(os.path.join(self.folder, OVERRIDE), "w") as stream:
            stream.write(BACKEND % STATE)
        for stub in remote_states:
            self._stub(stub)
        with open(os.path.join(self.folder, VARIABLES), "w") as stream:
            json.dump(placeholders, stream)

    def _stub(self, stub: Dict[str, Any]) -> None:
        """A ``terraform_remote_state`` that answers from a local file instead of a bucket."""
        folder = os.path.normpath(os.path.join(self.place, stub["folder"]))
        if not os.path.isdir(folder):
            return
        name = "zz_harness_%s.tfstate" % stub["name"]
        state = {
            "version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "harness",
            "resources": [], "outputs": stub["outputs"],
        }  # fmt: skip
        with open(os.path.join(folder, name), "w") as stream:
            json.dump(state, stream)
        with open(os.path.join(folder, OVERRIDE), "a") as stream:
            stream.write(
                'data "terraform_remote_state" "%s" {\n  backend = "local"\n'
                '  config = { path = "${path.module}/%s" }\n}\n' % (stub["name"], name)
            )

    def rewrite(self, pattern: str, replacement: str) -> bool:
        """Replace a regular expression in every .tf file (while active); whether any changed."""
        changed = False
        for path in self._code():
            with open(path, encoding="utf-8", errors="surrogateescape") as stream:
                text = stream.read()
            new = re.sub(pattern, replacement, text)
            if new != text:
                changed = True
                with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
                    stream.write(new)
        return changed

    def _code(self) -> Iterator[str]:
        for folder, names, files in os.walk(self.place):
            names[:] = [n for n in names if n not in LEFT_BEHIND]
            for name in files:
                if name.endswith((".tf", ".tofu")) and not os.path.islink(os.path.join(folder, name)):
                    yield os.path.join(folder, name)

    def drop_lock(self) -> bool:
        """Remove the provider lock file; whether there was one."""
        path = os.path.join(self.folder, ".terraform.lock.hcl")
        if os.path.exists(path):
            os.remove(path)
            return True
        return False
