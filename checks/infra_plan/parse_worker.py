"""Reads HCL in a process of its own, so that a hostile file can hang or crash only this process.

Standard input holds one JSON object ``{"NAME": "text", …}``; standard output gets one JSON
object a line and a file: ``{"file": NAME, "blocks": […]}`` or ``{"file": NAME, "error": "…"}``,
each flushed before the next file is begun. The parent ends the process when it takes too long
and knows from the lines which file was in hand. The shape of a block is in :mod:`hcl`.
"""

import importlib
import json
import os
import resource
import sys
from typing import Any

import hcl2
from lark import Token, Tree

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - isolated mode leaves it out
JsonReader: Any = importlib.import_module("json_syntax").JsonReader
Node = Any
MAX_DEPTH = 60
MEMORY = 2 << 30
_WRAPPERS = {"expr_term", "object_elem_key"}


class _Reader:
    """Turns the parse tree of one file into blocks and expressions that are plain JSON."""

    def __init__(self, text: str) -> None:
        self.text = text

    def body(self, node: Node) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        blocks: list[Any] = []
        for child in _trees(node):
            if child.data == "attribute":
                name, value = _trees(child)[0], _trees(child)[-1]
                attributes[self.source(name)] = {
                    "line": child.meta.line,
                    "end": child.meta.end_line,
                    "value": self.expression(value, 0),
                }
            elif child.data == "block":
                blocks.append(self.block(child))
        return {"attributes": attributes, "blocks": blocks}

    def block(self, node: Node) -> dict[str, Any]:
        parts = [child for child in _trees(node) if child.data not in ("body", "new_line_or_comment")]
        names = [self.source(part).strip('"') for part in parts]
        bodies = [child for child in _trees(node) if child.data == "body"]
        inner = self.body(bodies[0]) if bodies else {"attributes": {}, "blocks": []}
        return {
            "type": names[0],
            "labels": names[1:],
            "line": node.meta.line,
            "end": node.meta.end_line,
            "start_pos": node.meta.start_pos,
            "end_pos": node.meta.end_pos,
            **inner,
        }

    def source(self, node: Node) -> str:
        return self.text[node.meta.start_pos : node.meta.end_pos] if not node.meta.empty else ""

    def expression(self, node: Node, depth: int) -> dict[str, Any]:
        """One expression: ``{"kind": literal|template|list|object|reference|other, …}``."""
        inner = [c for c in _trees(node) if c.data != "new_line_or_comment"]
        if node.data in _WRAPPERS and len(inner) == 1:
            return self.expression(inner[0], depth)
        reader = getattr(self, f"_{node.data}", None)
        if reader is None or depth > MAX_DEPTH:
            return self._other(node)
        result: dict[str, Any] = reader(node, depth + 1)
        return result

    def _other(self, node: Node) -> dict[str, Any]:
        parts = [str(t) for t in node.scan_values(lambda t: isinstance(t, Token)) if _speaks(t)]
        return {"kind": "other", "text": " ".join(part.strip() for part in parts)}

    def _literal_value(self, node: Node, _depth: int) -> dict[str, Any]:
        return {"kind": "literal", "value": {"true": True, "false": False, "null": None}[self.source(node)]}

    def _int_lit(self, node: Node, _depth: int) -> dict[str, Any]:
        return {"kind": "literal", "value": int(self.source(node)[:300])}

    def _float_lit(self, node: Node, _depth: int) -> dict[str, Any]:
        return {"kind": "literal", "value": float(self.source(node)[:300])}

    def _unary_op(self, node: Node, depth: int) -> dict[str, Any]:
        value = self.expression(_trees(node)[-1], depth)
        number = value.get("value")
        if self.source(node).startswith("-") and isinstance(number, (int, float)):
            return {"kind": "literal", "value": -number}
        return self._other(node)

    def _string(self, node: Node, depth: int) -> dict[str, Any]:
        parts: list[Any] = []
        for part in _trees(node):
            inside = _trees(part)
            if inside and inside[0].data == "interpolation":
                parts.append(self.expression(_trees(inside[0])[-1], depth))
            elif inside:
                return self._other(node)
            else:
                parts.append({"kind": "literal", "value": _unescape(self.source(part))})
        if all(part["kind"] == "literal" for part in parts):
            return {"kind": "literal", "value": "".join(str(part["value"]) for part in parts)}
        return {"kind": "template", "items": parts}

    def _heredoc_template(self, node: Node, _depth: int) -> dict[str, Any]:
        lines = self.source(node).splitlines()[1:-1]
        text = "\n".join(lines) + "\n" if lines else ""
        return {"kind": "other", "text": text} if "${" in text else {"kind": "literal", "value": text}

    _heredoc_template_trim = _heredoc_template

    def _tuple(self, node: Node, depth: int) -> dict[str, Any]:
        items = [c for c in _trees(node) if c.data != "new_line_or_comment"]
        return {"kind": "list", "items": [self.expression(item, depth) for item in items]}

    def _object(self, node: Node, depth: int) -> dict[str, Any]:
        pairs: list[Any] = []
        for element in _trees(node):
            if element.data == "object_elem":
                key, value = _trees(element)[0], _trees(element)[-1]
                pairs.append([self.source(key).strip().strip('"'), self.expression(value, depth)])
        return {"kind": "object", "pairs": pairs}

    def _identifier(self, node: Node, _depth: int) -> dict[str, Any]:
        return {"kind": "reference", "text": self.source(node)}

    def _get_attr_expr_term(self, node: Node, _depth: int) -> dict[str, Any]:
        return {"kind": "reference", "text": "".join(self.source(node).split())}

    _index_expr_term = _get_attr_expr_term
    _attr_splat_expr_term = _get_attr_expr_term
    _full_splat_expr_term = _get_attr_expr_term

    def _function_call(self, node: Node, depth: int) -> dict[str, Any]:
        """A call of a plain function; ``name`` and its arguments, for jsonencode and the like."""
        children = _trees(node)
        arguments = [c for c in children if c.data == "arguments"]
        given = [c for a in arguments for c in _trees(a) if c.data != "new_line_or_comment"]
        return {
            "kind": "call",
            "text": self.source(children[0]),
            "items": [self.expression(item, depth) for item in given],
        }

    def _conditional(self, node: Node, depth: int) -> dict[str, Any]:
        items = [self.expression(c, depth) for c in _trees(node) if c.data != "new_line_or_comment"]
        return {"kind": "call", "text": "?:", "items": items}

    def _binary_op(self, node: Node, depth: int) -> dict[str, Any]:
        """Equality; every other operator stays text."""
        left, term = [c for c in _trees(node) if c.data != "new_line_or_comment"][:2]
        operator, *right = [c for c in _trees(term) if c.data != "new_line_or_comment"]
        word = self.source(operator).strip()
        if word not in ("==", "!=") or len(right) != 1:
            return self._other(node)
        return {
            "kind": "call",
            "text": word,
            "items": [self.expression(left, depth), self.expression(right[0], depth)],
        }


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _speaks(token: Token) -> bool:
    """Whether a token belongs to the meaning: line ends and comments do not."""
    return token.type != "NL_OR_COMMENT" and bool(token.strip())


def _unescape(text: str) -> str:
    for escaped, plain in (("$${", "${"), ("%%{", "%{")):
        text = text.replace(escaped, plain)
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def read(text: str) -> list[Any]:
    """The blocks of one file. A file's top-level attributes (tfvars) come as one block without type."""
    if text.lstrip().startswith("{"):  # no HCL file begins so
        return list(JsonReader(text, _expression).blocks())
    tree = hcl2.parses_to_tree(text)
    body = _Reader(text + "\n").body(_trees(tree)[0])
    top = {
        "type": "", "labels": [], "line": 1, "end": 1, "start_pos": 0, "end_pos": 0,
        "attributes": body["attributes"], "blocks": [],
    }  # fmt: skip
    return [*body["blocks"], top] if body["attributes"] else list(body["blocks"])


def _expression(source: str) -> dict[str, Any]:
    (block,) = read(f"value = {source}\n")
    value: dict[str, Any] = block["attributes"]["value"]["value"]
    return value


def main() -> None:
    """Answer for every file of the request, one line each. The argument is the limit of CPU seconds."""
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, text in json.load(sys.stdin).items():
        try:
            answer = {"file": name, "blocks": read(text)}
        except RecursionError:
            answer = {"file": name, "error": "it is nested too deeply"}
        except Exception as error:
            line = getattr(error, "line", None)
            answer = {
                "file": name,
                "error": f"it does not parse (line {line})" if line else "it does not parse",
            }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
