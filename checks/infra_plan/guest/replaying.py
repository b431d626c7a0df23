"""Plan-on-plan replay: base's own state first, then head's plan on top of it."""

import json
import re
from typing import Any, Dict, Optional, Set

from .binary import PartialPlanError, Terraform, TerraformError
from .planfile import dynamic_types
from .redaction import redacted
from .stage import Stage
from .summary import Known
from .synthesis import NO_CHANGE, Object, Synthesis, managed

ROUNDS = 8
MAX_SEED = 2 << 20
MAX_SCHEMA = 1 << 20
GUARD = r"prevent_destroy\s*=\s*true"


class Replay(Stage):
    """One run. ``residual`` holds what base's plan changes on base's own state, by address."""

    def __init__(self, request: Dict[str, Any]) -> None:
        super().__init__(request)
        self.residual: Dict[str, Object] = {}
        self.state: Object = {}
        self.rounds = 0
        self.synthesis = Synthesis({})

    def known(self, blocked: Optional[Set[str]] = None) -> Known:
        """What a summary of a plan has to know about this run."""
        return Known(self.synthesis.stood_in, self.residual, blocked)

    def take_state(self) -> bool:
        """Take the state that the user gave, or the one that an earlier replay of base made; whether there is one."""
        seed = self.request.get("seed")
        if seed:
            self.state = seed["state"]
            self.synthesis.stood_in = {address: set(paths) for address, paths in seed["stood_in"].items()}
            self.residual, self.rounds = seed["residual"], seed["rounds"]
            self.notes = list(seed["notes"])
        else:
            self.state = self.given_state() or {}
        return bool(self.state)

    def seed(self) -> Object:
        """The state of base for later replays; empty when it holds what must not be kept, or is a given one."""
        if self.request.get("state") or len(json.dumps(self.state)) > MAX_SEED:
            return {}
        if redacted(self.state) != self.state:
            return {}
        stood_in = {address: sorted(paths) for address, paths in self.synthesis.stood_in.items()}
        residual = {address: {"change": _wanted(one["change"])} for address, one in self.residual.items()}
        return {
            "state": self.state, "stood_in": stood_in, "residual": residual, "rounds": self.rounds,
            "notes": self.notes, "schemas": self._schemas(), **self.stand_ins(),
        }  # fmt: skip

    def _schemas(self) -> Object:
        """Schemas of providers that later replays need not ask for, as far as they are small."""
        kept = {key: one.kept() for key, one in self.running.items()}
        return {key: one for key, one in kept.items() if one and len(one["schema"]) < MAX_SCHEMA}

    def replay_base(self) -> Object:
        """Plan base on the given state, or until its own state needs nothing more; its last plan."""
        with self.entered("base") as terraform:
            self.take_state()
            if self.state:
                plan = self.plan(terraform, "base", self.state)
                self._keep_residual(plan)
                return plan
            plan = self._first(terraform)
            self.synthesis = Synthesis(terraform.schemas() if managed(plan) else {})
            self.state = self.synthesis.state(plan, dynamic_types(terraform.plan_path))
            return self._converge(terraform, plan)

    def _first(self, terraform: Terraform) -> Object:
        """Base's plan where nothing exists yet, or the part of it that can be made without a state."""
        try:
            return self.plan(terraform, "base", None)
        except PartialPlanError as error:
            if not managed(error.plan):
                raise
            return error.plan

    def _keep_residual(self, plan: Object) -> None:
        changes = [c for c in managed(plan) if c["change"]["actions"] not in NO_CHANGE]
        self.residual = {change["address"]: change for change in changes}

    def _converge(self, terraform: Terraform, plan: Object) -> Object:
        for self.rounds in range(1, ROUNDS + 1):
            try:
                plan = self.plan(terraform, "base", self.state)
            except TerraformError as error:
                if not self._mended(terraform, error):
                    raise
                continue
            self._keep_residual(plan)
            if not self.residual:
                break
            self.synthesis.learn(list(self.residual.values()))
            state = self.synthesis.state(plan, dynamic_types(terraform.plan_path), self.state)
            if state["resources"] == self.state["resources"]:
                break
            self.state = state
        return plan

    def _mended(self, terraform: Terraform, error: TerraformError) -> bool:
        """Whether the state could be made fitter after a plan that failed on it."""
        part = error.plan if isinstance(error, PartialPlanError) else {}
        if managed(part):  # keys that depend on other resources are known a round later
            state = self.synthesis.state(part, dynamic_types(terraform.plan_path), self.state)
            if state["resources"] != self.state["resources"]:
                self.state = state
                return True
        refused = set(re.findall(r"(?m)\bwith ([^\s,]+(?:\[[^\]]*\])?),", str(error)))
        if not refused - self.synthesis.nulled:
            return False
        self.synthesis.nulled |= refused
        plan = self._first(terraform)
        self.state = self.synthesis.state(plan, dynamic_types(terraform.plan_path))
        return True

    def replay_head(self, terraform: Terraform) -> "HeadPlan":
        """Plan head on base's state; when guards forbid that, plan once more without them."""
        try:
            return HeadPlan(self.plan(terraform, "head", self.state), set())
        except TerraformError as error:
            blocked = set(re.findall(r"(?m)Resource\s+(\S+)\s+has\s+lifecycle\.prevent_destroy", str(error)))
            if not blocked and "prevent_destroy" not in str(error):
                raise
        self.sides["head"].rewrite(GUARD, "prevent_destroy = false")
        return HeadPlan(self.plan(terraform, "head", self.state), blocked)

    def explained(self, error: TerraformError) -> str:
        """What failed; the provider's own fault first where it gave no answer."""
        proxies = [*self.proxies["base"], *self.proxies["head"]]
        crashes = [crash for proxy in proxies for crash in proxy.crashes[:1]]
        return ". ".join([*crashes[:1], str(error)])[:4000]

    def stand_ins(self) -> Dict[str, Any]:
        """What was made up by the providers' proxies, and what the providers said to that."""
        proxies, seed = {*self.proxies["base"], *self.proxies["head"]}, self.request.get("seed") or {}
        data = {name for proxy in proxies for name in proxy.stood_in}
        faults = {fault for proxy in proxies for fault in proxy.faults}
        return {
            "data": sorted(data.union(seed.get("data", ())))[:40],
            "faults": sorted(faults.union(seed.get("faults", ())))[:5],
        }


def _wanted(change: Object) -> Object:
    """What a plan wants of a resource, without its values."""
    return {name: change[name] for name in ("actions", "replace_paths") if change.get(name)}


class HeadPlan:
    """Head's plan, and the addresses whose guard would make an apply of it fail."""

    def __init__(self, plan: Object, blocked: Set[str]) -> None:
        self.plan = plan
        self.blocked = blocked
