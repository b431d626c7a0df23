"""``override.tf`` and ``*_override.tf``: their blocks are merged into the blocks that they override.

Terraform's rule (https://developer.hashicorp.com/terraform/language/files/override): arguments replace
arguments, nested blocks replace all nested blocks of their type, except that ``lifecycle`` is merged
argument by argument.
"""

import posixpath
from collections.abc import Mapping, Sequence

import msgspec

from .hcl import Block

LABELLED = ("resource", "data", "variable", "module", "output", "ephemeral")
Files = Mapping[str, Sequence[Block]]


def is_override(path: str) -> bool:
    """Whether Terraform merges the file in place of adding its blocks."""
    stem = posixpath.basename(path).removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")


def merged(files: Files) -> tuple[dict[str, tuple[Block, ...]], dict[str, str]]:
    """The blocks of one folder by path once overrides are merged, and by path what they override in vain (a clause).

    A merged block stays in the file, and an argument on the line, that it overrides.
    """
    found = {path: list(blocks) for path, blocks in files.items() if not is_override(path)}
    places = {
        (block.type, block.labels): (path, index)
        for path, blocks in found.items()
        for index, block in enumerate(blocks)
        if block.type in LABELLED
    }
    errors: dict[str, str] = {}
    for path in sorted(path for path in files if is_override(path)):
        rest = found.setdefault(path, [])
        for block in files[path]:
            place = places.get((block.type, block.labels))
            if place is not None:
                blocks = found[place[0]]
                blocks[place[1]] = _merge(blocks[place[1]], block)
            else:
                rest.append(block)
                if block.type in LABELLED:
                    errors[path] = f"{'.'.join((block.type, *block.labels))} overrides no block of its folder"
    return {path: tuple(blocks) for path, blocks in found.items()}, errors


def _merge(block: Block, over: Block) -> Block:
    kinds = {_kind(inner) for inner in over.blocks} - {"lifecycle"}
    kept = [b for b in block.blocks if _kind(b) not in kinds | (over.attributes.keys() - {"lifecycle"})]
    attributes = {name: value for name, value in block.attributes.items() if name not in kinds}
    for name, value in over.attributes.items():
        line = block.attributes[name].line if name in block.attributes else block.line
        attributes[name] = msgspec.structs.replace(value, line=line, end=line)
    inner = [msgspec.structs.replace(b, line=block.line, end=block.line) for b in over.blocks]
    blocks = [*kept, *(b for b in inner if b.type != "lifecycle")]
    for life in (b for b in inner if b.type == "lifecycle"):
        index = next((i for i, b in enumerate(blocks) if b.type == "lifecycle"), None)
        if index is None:
            blocks.append(life)
        else:
            blocks[index] = _merge(blocks[index], life)
    return msgspec.structs.replace(block, attributes=attributes, blocks=tuple(blocks))


def _kind(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
