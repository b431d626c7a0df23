"""The JSON Schema of report.json, generated from the types."""

from typing import Any

import msgspec

from harness.model.described import described
from harness.model.report import SCHEMA_VERSION, Report

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of report.json. Unknown fields are allowed: later versions add some."""
    schema: dict[str, Any] = described(msgspec.json.schema(Report))
    return {"$schema": _DIALECT, "title": f"change-harness report, schema version {SCHEMA_VERSION}", **schema}


def render() -> bytes:
    """The schema as indented JSON text with sorted keys, so that a regenerated file is equal."""
    return msgspec.json.format(msgspec.json.encode(report_schema(), order="sorted"), indent=2) + b"\n"
