"""Planned values in the shape of code, so that one set of rules reads both."""

from collections.abc import Iterable, Mapping
from typing import Any

from .configuration import Folder, Resource
from .evaluate import Scope
from .expansion import Expansion, Placed
from .hcl import Attribute, Block
from .instances import literal
from .locate import bare
from .planned import Values

MAX_DEPTH = 12
NOWHERE = Scope(Folder("."), {})


def both(values: Iterable[Values], base: Expansion, head: Expansion) -> tuple[Expansion, Expansion]:
    """What the plan changes, before and after, under the addresses of blocks, at head's places in the code.

    Arguments whose value is known only after apply are left as base has them.
    """
    before: dict[str, Placed] = {}
    after: dict[str, Placed] = {}
    for number, one in enumerate(values):
        address = bare(one.address)
        key = address if address not in after else f"{address}#{number}"
        code = head.resources.get(address) or base.resources.get(bare(one.previous or one.address))
        if one.before is not None:
            before[key] = _placed(one, address, one.before, code)
        if one.after is not None:
            known = {**one.after, **{n: (one.before or {}).get(n) for n in one.unknown}}
            after[key] = _placed(one, address, known, code)
    return Expansion(before, {}, (), ()), Expansion(after, {}, (), ())


def _placed(one: Values, address: str, values: Mapping[str, Any], code: Placed | None) -> Placed:
    start = code.resource.block.line if code else 1
    path = code.resource.path if code else ""
    block = _block("resource", (one.resource_type, one.name), values, start, code)
    return Placed(address, Resource(one.resource_type, one.name, path, block), NOWHERE)


def _block(
    kind: str,
    labels: tuple[str, ...],
    values: Mapping[str, Any],
    line: int,
    code: Placed | None,
    depth: int = 0,
) -> Block:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for name, value in values.items():
        place = code.line(name) if code else line
        if value is None or depth > MAX_DEPTH:
            continue
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            blocks.extend(_block(name, (), item, place, None, depth + 1) for item in value)
        else:
            attributes[name] = Attribute(place, place, literal(value))
    return Block(kind, labels, line, line, 0, 0, attributes, tuple(blocks))
