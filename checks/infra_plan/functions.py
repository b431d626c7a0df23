"""Terraform's functions on values that the files tell, for reading a configuration without a plan."""

from collections.abc import Callable
from typing import Any

MAX_TEXT = 100_000


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    raise ValueError("no text")


def _format(pattern: Any, *values: Any) -> str:
    """``%s``, ``%d``, ``%v``, ``%q`` and ``%%``; anything else is left to a real plan."""
    parts = str(pattern).split("%")
    out, waiting = [parts[0]], list(values)
    rest = iter(parts[1:])
    for part in rest:
        if not part:
            out.append("%" + next(rest, ""))
        elif part[0] in "sdvq":
            text = _text(waiting.pop(0))
            out.append((f'"{text}"' if part[0] == "q" else text) + part[1:])
        else:
            raise ValueError("a verb that is not known here")
    return "".join(out)


def _element(values: Any, index: Any) -> Any:
    return values[int(index) % len(values)]


def _lookup(table: Any, key: Any, *default: Any) -> Any:
    return table.get(key, default[0]) if default else table[key]


def _flatten(values: Any) -> list[Any]:
    return [inner for value in values for inner in (_flatten(value) if isinstance(value, list) else [value])]


def _distinct(values: Any) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _slice(text: Any, offset: Any, length: Any) -> str:
    return str(text)[int(offset) :] if int(length) < 0 else str(text)[int(offset) : int(offset) + int(length)]


def _merge(*tables: Any) -> dict[str, Any]:
    return {key: value for table in tables if table is not None for key, value in table.items()}


def _replace(text: Any, old: Any, new: Any) -> str:
    if str(old).startswith("/") and str(old).endswith("/"):
        raise ValueError("a regular expression")
    return str(text).replace(str(old), str(new))


def _same(value: Any) -> Any:
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "jsonencode": _same, "tolist": _same, "tomap": _same, "sensitive": _same, "nonsensitive": _same,
    "toset": _distinct, "format": _format, "element": _element, "lookup": _lookup, "flatten": _flatten,
    "distinct": _distinct, "substr": _slice, "merge": _merge, "replace": _replace, "tostring": _text,
    "join": lambda by, values: str(by).join(_text(value) for value in values),
    "split": lambda by, text: str(text).split(str(by)),
    "lower": lambda text: str(text).lower(),
    "upper": lambda text: str(text).upper(),
    "trimspace": lambda text: str(text).strip(),
    "trimsuffix": lambda text, end: str(text).removesuffix(str(end)),
    "trimprefix": lambda text, start: str(text).removeprefix(str(start)),
    "concat": lambda *lists: [item for values in lists for item in values],
    "compact": lambda values: [value for value in values if value not in (None, "")],
    "coalesce": lambda *values: next(value for value in values if value not in (None, "")),
    "length": len,
    "keys": sorted,
    "values": lambda table: [table[key] for key in sorted(table)],
    "contains": lambda values, value: value in values,
    "tonumber": lambda value: int(value),
    "tobool": lambda value: {"true": True, "false": False}[_text(value)],
    "max": max,
    "min": min,
}  # fmt: skip
"""By name: the function. Each raises any exception for what it does not understand."""


def apply(name: str, values: list[Any]) -> tuple[Any] | None:
    """The result in a tuple, None where the function or its arguments are not understood."""
    function = FUNCTIONS.get(name)
    if function is None:
        return None
    try:
        result = function(*values)
    except Exception:
        return None
    return None if isinstance(result, str) and len(result) > MAX_TEXT else (result,)
