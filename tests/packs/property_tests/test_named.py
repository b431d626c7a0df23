"""Shrunk inputs leave optional arguments out, also those before the one that matters."""

from hypothesis import given
from hypothesis import strategies as st

from .local import compared, module

by_name = module("named").by_name
parameters = module("wire").parameters
KNOWN = {
    "show": [("rows", False), ("style", True), ("width", True), ("mark", True)],
    "__init__": [("name", True)],
}


def scenario(args, kwargs=()):
    return [None, [["show", list(args), [list(pair) for pair in kwargs]]]]


def test_each_optional_argument_alone_and_all_but_one():
    assert list(by_name(KNOWN, scenario(["r", "s", 3]))) == [
        scenario(["r"], [["style", "s"]]),
        scenario(["r"], [["width", 3]]),
        scenario(["r"], [["width", 3]]),
    ]
    assert scenario(["r"], [["width", 3], ["mark", "-"]]) in list(
        by_name(KNOWN, scenario(["r", "s", 3, "-"]))
    )


def test_required_arguments_and_those_without_a_name_stay():
    assert list(by_name(KNOWN, scenario(["r"]))) == []
    assert list(by_name(KNOWN, scenario(["r", 1, 2, 3, 4]))) == []
    assert list(by_name({}, scenario(["r", 1]))) == []


def test_a_construction_too():
    receiver = ["new", "m", "Table", ["a"], []]
    (made,) = by_name(KNOWN, [receiver, [["size", None, []]]])
    assert made == [["new", "m", "Table", [], [["name", "a"]]], [["size", None, []]]]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(anything)
def test_what_a_sandbox_says_of_parameters_is_read_strictly(value):
    for name, known in parameters(value).items():
        assert isinstance(name, str)
        assert all(one.isidentifier() and isinstance(optional, bool) for one, optional in known)


TABLE = """
def table(rows: list[str], head: str = "", foot: str = "", left: int = 0, mark: str = "-", width: int = 1) -> str:
    return head + mark.join(rows) + foot + " " * left + "." * width
"""


def test_a_difference_in_the_last_of_many_options(tmp_path):
    context = compared(tmp_path, TABLE, TABLE.replace('"." * width', '"." * max(width, 1)'))
    (draft,) = context.drafts
    assert draft.proof.input == "table([], width=0)"
    assert context.verdicts(draft) == (True, False)
