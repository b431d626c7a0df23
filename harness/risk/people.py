"""Who may sign off: roles of the policy mapped to people and teams. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.risk.owners import OwnerRule, owners_of

CODEOWNERS = "CODEOWNERS"
"""Stands among the people of a role for the owners of the files at issue."""
_NOREPLY = re.compile(r"(?:\d+[+-])?(?P<login>[^@+]+)@users\.noreply\.[^@]+")


@dataclass(frozen=True)
class People:
    """``roles`` of the policy and the rules of base's CODEOWNERS."""

    roles: Mapping[str, Sequence[str]]
    owners: Sequence[OwnerRule] = ()

    def of(self, role: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Candidates for a role, for a matter in ``paths``; a role that is not mapped is its owners'.

        A team that ``roles`` lists is given by its members, another one by its name.
        """
        found: dict[str, None] = {}
        self._expand(self.roles.get(role, (CODEOWNERS,)), paths, {role}, found)
        return tuple(found)

    def _expand(
        self, names: Sequence[str], paths: Sequence[str], seen: set[str], found: dict[str, None]
    ) -> None:
        for name in names:
            if name in seen:
                continue
            if name == CODEOWNERS:
                self._expand(owners_of(self.owners, paths), paths, seen | {name}, found)
            elif name in self.roles:
                self._expand(self.roles[name], paths, seen | {name}, found)
            else:
                found[name] = None


def plain_name(name: str) -> str:
    """A name as hosts compare it: without its sign, whatever the case."""
    return name.strip().removeprefix("@").casefold()


def aliases(name: str) -> set[str]:
    """The names of one person: an address that a host made up holds the login."""
    plain = plain_name(name)
    found = _NOREPLY.fullmatch(plain)
    return {plain, found["login"]} if found else {plain}


def same_person(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether anyone stands in both lists of names."""
    known = {alias for name in some for alias in aliases(name)}
    return any(not known.isdisjoint(aliases(name)) for name in others)
