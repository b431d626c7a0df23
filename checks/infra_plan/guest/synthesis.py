"""A state for infrastructure that base describes, made from base's own plan."""

import json
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from . import placeholder
from .kinds import block_type, encode, member, optional_computed
from .placeholder import Path

NO_CHANGE = (["no-op"], ["read"])
BUILT_IN = "terraform.io/builtin/terraform"
Object = Dict[str, Any]


class Synthesis:
    """Turns plans of base into states, and learns from plan to plan what a provider accepts.

    ``escalated`` holds (address, attribute) pairs that need a value although they are optional,
    ``nulled`` addresses whose provider refuses placeholders, ``stood_in`` by address the paths
    (as JSON) whose value nobody knows before an apply.
    """

    def __init__(self, schemas: Object) -> None:
        self.schemas = schemas
        self.escalated: Set[Tuple[str, str]] = set()
        self.nulled: Set[str] = set()
        self.stood_in: Dict[str, Set[str]] = {}

    def state(self, plan: Object, types: Dict[str, Object], earlier: Optional[Object] = None) -> Object:
        """The state after an apply of ``plan``; what the plan leaves out stays as in ``earlier``."""
        providers = provider_references(plan)
        resources: Dict[str, Object] = {}
        for change in managed(plan):
            if change["change"].get("after") is None and not change["change"].get("after_unknown"):
                continue
            self._add(resources, change, types.get(change["address"], {}), providers)
        for resource in (earlier or {}).get("resources", []):
            resources.setdefault(_key(resource), resource)
        return {
            "version": 4, "terraform_version": plan.get("terraform_version", "1.0.0"), "serial": 1,
            "lineage": "00000000-0000-4000-8000-000000000000", "outputs": {},
            "resources": list(resources.values()), "check_results": None,
        }  # fmt: skip

    def _add(
        self, resources: Dict[str, Object], change: Object, types: Object, providers: Dict[str, str]
    ) -> None:
        address = change["address"]
        schema = self._schema(change)
        kind = block_type(schema.get("block", {}))
        optional = optional_computed(schema)
        made: List[Path] = []
        filler = _Filler(self, address, optional, made)
        details = change["change"]
        values = filler.fill(details.get("after"), details.get("after_unknown") or {}, kind, [])
        if change["provider_name"] == BUILT_IN and change["type"] == "terraform_data":
            values["output"] = values.get("input")
            types = dict(types, output=types.get("input"))
            made = [path for path in made if path[:1] != ["output"]]
        self.stood_in.setdefault(address, set()).update(json.dumps(path) for path in made)
        resource = {
            "mode": "managed", "type": change["type"], "name": change["name"],
            "provider": providers.get(without_indexes(address), 'provider["%s"]' % change["provider_name"]),
            "instances": [],
        }  # fmt: skip
        if change.get("module_address"):
            resource["module"] = change["module_address"]
        instance: Object = {
            "schema_version": schema.get("version", 0),
            "attributes": encode(values, kind, types),
            "sensitive_attributes": [_steps(p) for p in _true_paths(details.get("after_sensitive"), []) if p],
        }
        if "index" in change:
            instance["index_key"] = change["index"]
        resources.setdefault(_key(resource), resource)["instances"].append(instance)

    def _schema(self, change: Object) -> Object:
        provider = self.schemas.get(change["provider_name"], {})
        schema: Object = provider.get("resource_schemas", {}).get(change["type"], {})
        return schema

    def learn(self, residual: List[Object]) -> None:
        """Base still changes against its own state: give those unknown values one."""
        for change in residual:
            details = change["change"]
            forced = [path[0] for path in details.get("replace_paths", []) if path]
            for name, unknown in (details.get("after_unknown") or {}).items():
                if unknown is True and (details["actions"] == ["update"] or name in forced):
                    self.escalated.add((change["address"], name))


class _Filler:
    def __init__(self, synthesis: Synthesis, address: str, optional: Set[str], made: List[Path]) -> None:
        self.synthesis = synthesis
        self.address = address
        self.optional = optional
        self.made = made

    def fill(self, value: Any, unknown: Any, kind: Any, path: Path) -> Any:
        """The planned value with a stand-in wherever it is unknown."""
        if unknown is True:
            self.made.append(path)
            return self._stand_in(kind, path)
        if isinstance(unknown, dict) and (
            kind == "dynamic" or not isinstance(kind, list) or kind[0] in ("object", "map")
        ):
            value = dict(value or {})
            for key, inner in unknown.items():
                if inner or key not in value:
                    value[key] = (
                        self.fill(value.get(key), inner, member(kind, key), [*path, key])
                        if inner
                        else value.get(key)
                    )
            return value
        if isinstance(unknown, list) and isinstance(value, list):
            return [
                self.fill(item, unknown[i], member(kind, i), [*path, i])
                if i < len(unknown) and unknown[i]
                else item
                for i, item in enumerate(value)
            ]
        return value

    def _stand_in(self, kind: Any, path: Path) -> Any:
        if self.address in self.synthesis.nulled and path != ["id"]:
            return None
        escalated = (self.address, path[0]) in self.synthesis.escalated
        if path != ["id"] and path[0] in self.optional and not escalated:
            return placeholder.empty(kind)
        return placeholder.make(kind, path, self.address)


def managed(plan: Object) -> List[Object]:
    """The plan's resource changes without data reads."""
    return [change for change in plan.get("resource_changes", []) if change.get("mode") == "managed"]


def provider_references(plan: Object) -> Dict[str, str]:
    """By resource address without indexes: the provider as a state names it, alias and module included."""
    configuration = plan.get("configuration", {})
    providers = configuration.get("provider_config", {})
    found: Dict[str, str] = {}

    def walk(module: Object, prefix: str) -> None:
        for resource in module.get("resources", []):
            provider = providers.get(resource.get("provider_config_key", ""), {})
            if provider.get("full_name"):
                name = 'provider["%s"]' % provider["full_name"]
                if provider.get("alias"):
                    name += "." + provider["alias"]
                # without settings of its own a module's provider is the root's, handed down implicitly
                if provider.get("module_address") and (provider.get("expressions") or provider.get("alias")):
                    name = provider["module_address"] + "." + name
                found[prefix + resource["address"]] = name
        for name, call in module.get("module_calls", {}).items():
            walk(call.get("module", {}), prefix + "module.%s." % name)

    walk(configuration.get("root_module", {}), "")
    return found


def without_indexes(address: str) -> str:
    """An address without its ``[…]`` parts; brackets inside quoted keys do not end one."""
    kept: List[str] = []
    depth = 0
    quoted = escaped = False
    for character in address:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"' and depth:
            quoted = True
        elif character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
        elif not depth:
            kept.append(character)
    return "".join(kept)


def _key(resource: Object) -> str:
    return "%s|%s|%s" % (resource.get("module", ""), resource["type"], resource["name"])


def _true_paths(tree: Any, path: Path) -> Iterator[Path]:
    if tree is True:
        yield path
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from _true_paths(item, [*path, key])
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from _true_paths(item, [*path, index])


def _steps(path: Path) -> List[Object]:
    steps: List[Object] = []
    for step in path:
        if isinstance(step, int):
            steps.append({"type": "index", "value": {"value": step, "type": "number"}})
        else:
            steps.append({"type": "get_attr", "value": step})
    return steps
