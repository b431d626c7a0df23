"""What methods ask of an argument that the constructor keeps is known of the argument."""

import ast
import importlib
import sys

import pytest

from .local import PACK, ROOT, LocalContext, check

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
kept = importlib.import_module("guest.kept")
domain = importlib.import_module("guest.domain")

STEP = """class Step:
    def __init__(self, operation):
        self.operation = operation

    def label(self):
        return self.operation["name"].upper()

    def weight(self):
        if self.operation["unit"] == "kg":
            return self.operation["amount"] {sign} 1000
        return self.operation["amount"]
"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("self.text = text", {"text": "text"}),
        ("self.body: str = text", {"body": "text"}),
        ("self.text = text or ''", {}),
        ("self.text = text\n    self.text = None", {}),
        ("text = text.strip()\n    self.text = text", {}),
        ("other.text = text", {}),
    ],
)
def test_attributes_that_keep_an_argument_as_it_is(body, found):
    tree = ast.parse("def __init__(self, text):\n    " + body)
    assert kept.attributes(tree, {"text"}) == found


def test_methods_of_the_tree_and_of_no_other_place_are_read(tmp_path):
    path = tmp_path / "steps_of_a_test.py"
    path.write_text(STEP.format(sign="*"))
    sys.path.insert(0, str(tmp_path))
    try:
        kind = importlib.import_module("steps_of_a_test").Step
    finally:
        sys.path.remove(str(tmp_path))
    known = {"operation": domain.Domain("operation")}
    kept.demand(kind, known, "/elsewhere")
    assert known["operation"].open
    kept.demand(kind, known, str(tmp_path))
    assert set(known["operation"].tags) == {"dict"}
    assert set(known["operation"].fields) == {"name", "unit", "amount"}


def test_a_method_is_tried_with_what_other_methods_ask_of_the_object(tmp_path):
    base, head = STEP.format(sign="*"), STEP.format(sign="+")
    context = LocalContext(tmp_path, {"steps.py": base}, {"steps.py": head})
    context.settings = {"inputs": 2000}
    check(context)
    assert any("'unit': 'kg'" in draft.proof.input for draft in context.drafts)
