"""Which properties force a replacement: the schemas that cfn-lint brings, else a short list of our own."""

import importlib.util
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MAX_SCHEMA = 8 << 20


@dataclass(frozen=True)
class Fixed:
    """Paths of properties that cannot change in place: always, or depending on their values."""

    always: tuple[tuple[str, ...], ...] = ()
    maybe: tuple[tuple[str, ...], ...] = ()


# Listed as conditional in the schema because a change interrupts the instance; it is never made anew for them.
IN_PLACE = {
    "AWS::RDS::DBInstance": {
        "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "DBParameterGroupName", "MultiAZ",
        "PreferredMaintenanceWindow",
    },
}  # fmt: skip

# Listed as conditional, but no table can change its key.
ANEW = dict.fromkeys(("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"), ("KeySchema",))


class Schemas:
    """``source`` is the data folder of cfn-lint, None: the short list."""

    def __init__(self, source: Path | None) -> None:
        self.source = source
        self._index = _index(source) if source else {}

    def fixed(self, kind: str) -> Fixed | None:
        """What cannot change in place, None when nothing is known of the type."""
        found = self._listed(kind)
        easy = IN_PLACE.get(kind)
        if found is None:
            return None
        always = tuple(path for path in found.maybe if path[0] in ANEW.get(kind, ()))
        maybe = tuple(path for path in found.maybe if path not in always and path[0] not in (easy or ()))
        return Fixed((*found.always, *always), maybe)

    def _listed(self, kind: str) -> Fixed | None:
        if self.source is None:
            return _own().get(kind)
        name = self._index.get(kind)
        path = self.source / "schemas" / "resources" / f"{name}.json"
        if name is None or not path.is_file() or path.stat().st_size > MAX_SCHEMA:
            return None
        schema = json.loads(path.read_text("utf-8"))
        return Fixed(
            _paths(schema.get("createOnlyProperties")), _paths(schema.get("conditionalCreateOnlyProperties"))
        )


def find() -> Schemas:
    """cfn-lint's schemas where it is installed. The library itself is not imported."""
    spec = importlib.util.find_spec("cfnlint")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / "data" / "schemas" / "providers" / "us-east-1.json").is_file():
            return Schemas(Path(folder) / "data")
    return Schemas(None)


def _index(source: Path) -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(
        (source / "schemas" / "providers" / "us-east-1.json").read_text("utf-8")
    )
    return found


def _paths(pointers: Sequence[Any] | None) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(p.split("/")[2:]) for p in pointers or () if isinstance(p, str) and p.startswith("/properties/")
    )


@cache
def _own() -> Mapping[str, Fixed]:
    table = tomllib.loads(Path(__file__).with_name("rules").joinpath("fixed.toml").read_text("utf-8"))
    return {
        kind: Fixed(tuple((name,) for name in one["always"]), tuple((name,) for name in one["maybe"]))
        for kind, one in table.items()
    }
