"""Who may sign off: roles of the policy mapped to people and teams. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.risk.owners import OwnerRule, owners_of

CODEOWNERS = "CODEOWNERS"
"""Stands among the people of a role for the owners of the files at issue."""


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
