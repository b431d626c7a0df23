"""A root module with everything it calls: each resource under its full address."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .configuration import Configuration, Folder, Resource
from .evaluate import Scope, Unknown, root_scope
from .hcl import Block

MAX_INSTANCES = 400
REPEATED = ("count", "for_each")


@dataclass(frozen=True)
class Placed:
    """One resource block under one module call, with the scope of its expressions."""

    address: str
    resource: Resource
    scope: Scope

    def value(self, name: str, default: Any = None) -> Any:
        """The value of a top-level attribute, ``default`` where it is absent."""
        attribute = self.resource.block.attributes.get(name)
        return self.scope.value(attribute.value) if attribute else default

    def inner(self, block: Block, name: str, default: Any = None) -> Any:
        """The value of an attribute of a nested block of this resource."""
        attribute = block.attributes.get(name)
        return self.scope.value(attribute.value) if attribute else default

    def line(self, name: str) -> int:
        """The line of an attribute or a nested block, else of the resource."""
        attribute = self.resource.block.attributes.get(name)
        if attribute:
            return attribute.line
        return next((block.line for block in self.resource.block.of(name)), self.resource.block.line)

    def references(self) -> list[str]:
        """Addresses of the resources that its arguments name, in the same module."""
        prefix = self.address.removesuffix(self.resource.address)
        values = [a.value for a in self.resource.block.attributes.values()]
        texts = [text for value in values for text in value.references()]
        return [prefix + ".".join(text.split("[")[0].split(".")[:2]) for text in texts]

    def exists(self) -> bool | None:
        """False when ``count`` or ``for_each`` is known to be empty, None when it is not known."""
        for name in ("count", "for_each"):
            value = self.value(name, default=self)
            if value is self:
                continue
            if isinstance(value, Unknown):
                return None
            return bool(value)
        return True


@dataclass(frozen=True)
class Expansion:
    """All resources of a root by full address, and its ``moved`` and ``removed`` statements."""

    resources: Mapping[str, Placed]
    calls: Mapping[str, tuple[str, Block]]
    moves: tuple[tuple[str, str], ...]
    removals: tuple[str, ...]

    def moved(self, address: str) -> str | None:
        """Where ``moved`` blocks say that a block or an instance went; None when they say nothing.

        Follows chains; takes statements about whole modules and blocks, too. An index is part of
        the result only where a statement names it or ``address`` has one.
        """
        current, seen = address, {address}
        while (step := self._moved_once(current)) is not None and step not in seen:
            seen.add(step)
            current = step
        return current if current != address else None

    def _moved_once(self, address: str) -> str | None:
        for source, target in self.moves:
            if address == source:
                return target
            if address.startswith((source + ".", source + "[")) and not target.endswith("]"):
                return target + address[len(source) :]
            if source.startswith("module.") and address.startswith(source + "."):
                return target + address[len(source) :]
            bare = source.split("[")[0]
            if "[" not in address and address == bare:
                return target.split("[")[0]
        return None

    def removed(self, address: str) -> bool:
        """Whether a ``removed`` block names the address or a module around it."""
        return any(address == source or address.startswith(source + ".") for source in self.removals)


def expand(configuration: Configuration, root: str, value_files: tuple[str, ...]) -> Expansion:
    """Everything below a root module, local module calls followed."""
    resources: dict[str, Placed] = {}
    calls: dict[str, tuple[str, Block]] = {}
    moves: list[tuple[str, str]] = []
    removals: list[str] = []
    for prefix, folder, scope in _walk(configuration, root, value_files):
        for resource in folder.resources.values():
            address = prefix + resource.address
            resources[address] = Placed(address, resource, scope)
        calls.update({f"{prefix}module.{name}": call for name, call in folder.calls.items()})
        moves.extend((prefix + source, prefix + target) for source, target in folder.moves if source)
        removals.extend(prefix + source for source in folder.removals if source)
    return Expansion(resources, calls, tuple(moves), tuple(removals))


def _walk(
    configuration: Configuration, root: str, value_files: tuple[str, ...]
) -> Iterator[tuple[str, Folder, Scope]]:
    start = root_scope(configuration, root, value_files)
    waiting: list[tuple[str, str, Scope, tuple[str, ...]]] = [("", root, start, (root,))]
    for _ in range(MAX_INSTANCES):
        if not waiting:
            return
        prefix, path, scope, above = waiting.pop(0)
        folder = configuration.folders.get(path)
        if folder is None:
            continue
        yield prefix, folder, scope
        for name, target in folder.local_modules():
            if target not in above and target in configuration.folders:
                given = scope.call(folder.calls[name][1].attributes)
                if any(
                    not isinstance(given.get(n, True), Unknown) and not given.get(n, True) for n in REPEATED
                ):
                    continue  # called no times
                inner = Scope(configuration.folders[target], given)
                waiting.append((f"{prefix}module.{name}.", target, inner, (*above, target)))
