"""Special methods are tried by their operators, which answer without them as well."""

import pytest

from .local import LocalContext, check, module

NAME = "class Name:\n    def __init__(self, text):\n        self.text = text\n"
EQUAL = (
    "\n    def __eq__(self, other):\n        if not isinstance(other, Name):\n            return NotImplemented\n"
    "        return self.text.lower() == other.text.lower()\n"
)
HASH = "\n    def __hash__(self):\n        return hash(self.text.lower())\n"
SHAPE = "class Shape:\n    def area(self):\n        return 0\n\n\n"


def found(tmp_path, base, head):
    context = LocalContext(tmp_path, {"names.py": base}, {"names.py": head})
    context.settings = {"inputs": 600}
    check(context)
    return context.drafts


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        (NAME + EQUAL + HASH, NAME + EQUAL, "len({"),
        (NAME + EQUAL + HASH, NAME + HASH, " == "),
        (
            NAME + "\n    def __contains__(self, item):\n        return item.lower() in self.text\n"
            "\n    def __iter__(self):\n        return iter(self.text)\n",
            NAME + "\n    def __iter__(self):\n        return iter(self.text)\n",
            " in Name(",
        ),
        (
            NAME + "\n    def __bool__(self):\n        return True\n"
            "\n    def __len__(self):\n        return len(self.text)\n",
            NAME + "\n    def __len__(self):\n        return len(self.text)\n",
            "bool(Name(",
        ),
    ],
)
def test_a_removed_special_method_shows_by_its_operator(tmp_path, base, head, told):
    drafts = found(tmp_path, base, head)
    assert any(told in draft.proof.input for draft in drafts)


def test_another_hash_that_tells_the_same_objects_apart_is_no_difference(tmp_path):
    other = "\n    def __hash__(self):\n        return hash((Name, self.text.lower()))\n"
    assert not found(tmp_path, NAME + EQUAL + HASH, NAME + EQUAL + other)


def test_operators_given_by_total_ordering_are_no_difference(tmp_path):
    less = "\n    def __lt__(self, other):\n        return len(self.text) < len(other.text)\n"
    more = "\n    def __gt__(self, other):\n        return len(self.text) > len(other.text)\n"
    equal = "\n    def __eq__(self, other):\n        return len(self.text) == len(other.text)\n"
    head = "from functools import total_ordering\n\n\n@total_ordering\n" + NAME + less + equal
    assert not found(tmp_path, NAME + less + more + equal, head)


@pytest.mark.parametrize(
    ("text", "owner", "expected"),
    [
        (SHAPE + "class Box(Shape):\n    pass\n", "Box", True),
        (SHAPE.replace("(self)", "(self, unit)") + "class Box(Shape):\n    pass\n", "Box", False),
        ("class Box(dict):\n    pass\n", "Box", False),
        ("class Crate:\n    pass\n", "Box", False),
    ],
)
def test_a_removed_override_is_tried_where_the_inherited_method_takes_its_calls(text, owner, expected):
    parse = module("syntax").parse
    before = parse(SHAPE + f"class {owner}(Shape):\n    def area(self):\n        return 1\n")
    function = before.functions[f"{owner}.area"]
    assert module("answers").answered(function, parse(text), {}) is expected


def test_operators_are_written_as_people_write_them():
    call = {"args": ["1 if x else 2"], "kwargs": []}
    call_of = module("calls").call_of
    assert call_of({**call, "call": "receiver.__lt__"}) == "receiver < (1 if x else 2)"
    assert call_of({**call, "call": "receiver.__getitem__"}) == "receiver[(1 if x else 2)]"
    assert call_of({"call": "receiver.__hash__", "args": ["A()"], "kwargs": []}) == "len({receiver, A()})"


def test_an_object_is_compared_with_what_is_none_of_its_kind(tmp_path):
    plain = "\n    def __eq__(self, other):\n        return self.text.lower() == other.text.lower()\n"
    drafts = found(tmp_path, NAME + EQUAL + HASH, NAME + plain + HASH)
    assert any("AttributeError" in draft.proof.head for draft in drafts)


def test_operators_show_what_a_private_method_does(tmp_path):
    base = NAME + "\n    def __add__(self, other):\n        return self._joined(other.text)\n" \
        "\n    def _joined(self, text):\n        return self.text + text\n"  # fmt: skip
    drafts = found(tmp_path, base, base.replace("self.text + text", "text + self.text"))
    assert any("+" in draft.proof.input or "__add__" in draft.proof.input for draft in drafts)
