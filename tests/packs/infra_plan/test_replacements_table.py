"""The table of arguments that force replacement, held against the AWS provider where there is one."""

import tomllib
from pathlib import Path

import pytest

from checks.infra_plan.providers import find_plugins
from checks.infra_plan.tools import find_mirrors, platform
from tests.packs.two_trees import pack_folder, part

SOURCE = "registry.terraform.io/hashicorp/aws"
MIRRORS = [*find_mirrors({}), Path("/opt/tf-plugins")]
PLUGINS, _ = find_plugins([SOURCE], {}, {}, MIRRORS, platform())
TABLE = tomllib.loads((pack_folder("infra_plan") / "rules" / "replacements.toml").read_text())["force"]
proxy, schema, messagepack = (
    part("infra_plan", f"guest.{name}") for name in ("provider.proxy", "provider.schema", "wire.messagepack")
)
protobuf = part("infra_plan", "guest.wire.protobuf")


def test_every_entry_has_arguments_once():
    assert all(names and len(names) == len(set(names)) for names in TABLE.values())


def sample(kind, first):
    """Two different values of a type; None where the type holds objects."""
    if kind == "string":
        return "a-one" if first else "b-two"
    if kind in ("number", "bool"):
        return {"number": 1 if first else 2, "bool": first}[kind]
    if kind[0] in ("list", "set") and isinstance(kind[1], str):
        return [sample(kind[1], first)]
    return None


def planned(provider, kind, name, block, attribute):
    """(whether the change of one argument forces replacement, whether the provider refused the plan)."""
    state, config = {**schema.empty(block), "id": "x-1"}, schema.empty(block)
    old, new = sample(attribute.kind(), True), sample(attribute.kind(), False)
    parts = [{**state, name: old}, {**state, name: new}, {**config, name: new}]
    message = [(1, kind), *((number, proxy._value(part)) for number, part in enumerate(parts, 2))]
    session = {}
    provider._on_configure(CONFIGURE, CONFIGURATION(provider), session)
    answer = session["process"].call("/tfplugin5.Provider/PlanResourceChange", protobuf.encode(message), 60)
    steps = [v for n, v in protobuf.fields(answer) if n == 2]
    first = [protobuf.last(next(protobuf.fields(step))[1]).get(1, b"").decode() for step in steps]
    return name in first, bool(proxy._errors(answer, 4))


CONFIGURE = "/tfplugin5.Provider/Configure"


def CONFIGURATION(provider):
    block = protobuf.last(protobuf.last(provider._schema)[1])[2]
    return protobuf.encode([(1, "1.11.0"), (2, proxy._value(schema.empty(block)))])


@pytest.mark.skipif(not PLUGINS, reason="no AWS provider in a mirror here")
def test_the_provider_agrees_with_every_aws_entry(tmp_path):
    plugin = PLUGINS[0]
    spec = {**plugin.spec("x"), "program": str(plugin.program)}
    (tmp_path / "tmp").mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp")}
    names = {name for name in TABLE if name.startswith("aws_")}
    provider = proxy.Proxy(spec, names, env, str(tmp_path))
    try:
        provider._on_schema("/tfplugin5.Provider/GetSchema", b"", {})
        wrong, asked = [], 0
        for kind in sorted(names):
            block = schema.block(provider._schema, schema.RESOURCES, kind)
            for attribute in schema.attributes(block):
                if attribute.name not in TABLE[kind] or sample(attribute.kind(), True) is None:
                    continue
                forces, refused = planned(provider, kind, attribute.name, block, attribute)
                asked += 1
                if not forces and not refused:
                    wrong.append(f"{kind}.{attribute.name}")
    finally:
        provider.close()
    assert wrong == []
    assert asked > 100
