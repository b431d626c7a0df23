"""What a caller could pass, where only names and bodies speak: order, absent items, mappings."""

import ast
import importlib.util
import random
import sys
from types import SimpleNamespace
from typing import ClassVar

import pytest

from .local import PACK, ROOT


@pytest.fixture(scope="module")
def guest():
    """The guest's modules, imported as inside the sandbox."""
    sys.path.insert(0, str(ROOT / "harness" / "guest"))
    spec = importlib.util.spec_from_file_location(
        "pack_under_test", PACK / "guest" / "__init__.py", submodule_search_locations=[str(PACK / "guest")]
    )
    sys.modules["pack_under_test"] = importlib.util.module_from_spec(spec)
    yield lambda name: importlib.import_module("pack_under_test." + name)
    for name in [name for name in sys.modules if name.startswith("pack_under_test")]:
        del sys.modules[name]
    sys.path.remove(str(ROOT / "harness" / "guest"))


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ([1, 2, 2], True),
        ([2, 1], False),
        (["a", "b"], True),
        (["b", "a"], False),
        ([0, ""], False),
        ([], True),
    ],
)
def test_a_name_that_says_sorted_is_a_precondition(guest, items, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    assert judge.relations(["list", items], guest("domain").Domain("sorted_items")) is kept
    assert judge.relations(["list", items], guest("domain").Domain("items")) is True


def test_an_absent_item_needs_something_that_speaks_of_it(guest):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain("words")
    assert judge.types(["list", ["a"]], domain)
    assert not judge.types(["list", ["a", None]], domain)
    domain.learn(["list", ["a", None]])
    assert judge.types(["list", ["b", None]], domain)


def test_elements_that_index_their_own_source_make_it_a_mapping(guest):
    domains = {name: guest("domain").Domain(name) for name in ("graph", "rows")}
    tree = ast.parse(
        "def f(graph, rows):\n    for name in sorted(graph):\n        for other in graph[name]:\n            g(other)\n"
        "    for at in range(len(rows)):\n        g(rows[at])\n"
    )
    guest("keyed").demand_mappings(domains, tree)
    assert set(domains["graph"].tags) == {"dict"}
    assert set(domains["graph"].values().tags) == {"list"}
    assert not domains["rows"].tags


@pytest.mark.parametrize(
    ("name", "body", "text", "kept"),
    [
        ("path", "open(path)", "", False),
        ("path", "open(path)", ".", False),
        ("path", "open(path)", "a/b.txt", True),
        ("path", "if not path:\n        return None", "", True),
        ("title", "print(title)", "", True),
    ],
)
def test_an_empty_path_is_an_input_only_where_the_body_asks(guest, name, body, text, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domains = {name: guest("domain").Domain(name)}
    domains[name].allow("str")
    guest("usage").demand(domains, ast.parse(f"def f({name}):\n    {body}\n"), {})
    assert judge.types(text, domains[name]) is kept


@pytest.mark.parametrize(
    ("body", "kept"), [("list(value)", False), ("value or []", True), ("value is None", True)]
)
def test_nothing_is_an_input_only_where_the_body_asks(guest, body, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domains = {"value": guest("domain").Domain("value")}
    guest("usage").demand(domains, ast.parse(f"def f(value):\n    {body}\n"), {})
    assert judge.types(None, domains["value"]) is kept


def test_arguments_are_learnt_from_an_object_with_a_history(guest):
    explorer = guest("explore").Explorer

    class Learner:
        asked: ClassVar[list] = []

        def constructor(self, module, name):
            self.asked.append((module, name))

    recipe = ["then", ["new", "sql", "Token", [None, "x"], []], [["flatten", [], []]]]
    explorer._learn_inner(Learner(), recipe)
    assert Learner.asked == [("sql", "Token")]
    explorer._learn_inner(Learner(), [])


@pytest.mark.parametrize(
    ("steps", "origins", "plausible"),
    [
        ([["top", [-1], []]], [None], False),
        ([["top", [-1], []]], ["purpose"], True),
        ([["top", [-1], []], ["top", [1], []]], [None, "purpose"], False),
        ([["top", [1], []], ["top", [2], []]], [None, None], True),
    ],
)
def test_a_refusal_speaks_for_its_own_call_alone(guest, steps, origins, plausible):
    domain = guest("domain").Domain("count")
    domain.learn(3)

    class Explorer(guest("explore").Explorer):
        def __init__(self):
            self.judge = guest("plausible").Judge(set(), lambda module, name: None)
            self.signatures = {"top": [(SimpleNamespace(name="count"), domain)]}
            self.kinds = []

    outcomes = [{"kind": "value", "origin": origin} for origin in origins]
    assert Explorer().plausible([None, steps], outcomes) is plausible


def asked(guest, text, *names):
    domains = {name: guest("domain").Domain(name) for name in names}
    guest("usage").demand(domains, ast.parse(text), {})
    return domains


def test_control_characters_count_where_the_code_names_them(guest):
    plain = guest("plausible").Judge(set(), lambda module, name: None)
    named = guest("plausible").Judge(set(), lambda module, name: None, ["\r"])
    domain = guest("domain").Domain("cell")
    assert not plain.relations("a\rb", domain)
    assert named.relations("a\rb", domain)
    assert not named.relations("a\0b", domain)


def test_an_index_below_zero_counts_where_the_body_asks_for_it(guest):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domains = asked(guest, "def f(index, count):\n    if index < 0:\n        index += 5\n", "index", "count")
    assert judge.relations(-1, domains["index"])
    assert not judge.relations(-1, domains["count"])


def test_a_default_of_none_says_nothing_of_other_kinds(guest):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    [(_, domain)] = guest("hints").parameters(lambda cap=None: cap, False)
    assert domain.open
    assert judge.types(3, domain)
    assert judge.types(None, domain)
    domain.learn("a")
    assert not domain.open
    assert not judge.types(3, domain)


def test_items_taken_apart_have_parts(guest):
    items = asked(guest, "def f(pairs):\n    for low, high in pairs:\n        g(low)\n", "pairs")[
        "pairs"
    ].items()
    assert [part.name for part in items.parts] == ["low", "high"]


def test_a_number_between_zero_and_one_is_a_share(guest):
    share = asked(guest, "def f(q):\n    if not 0 <= q <= 1:\n        raise ValueError\n", "q")["q"]
    assert "float" in share.tags


def test_a_sequence_by_default_is_no_other_sequence(guest):
    [(_, domain)] = guest("hints").parameters(lambda ends=(True, True): ends[0], False)
    guest("usage").demand({"ends": domain}, ast.parse("ends[0]"), {})
    assert "list" not in domain.tags


@pytest.mark.parametrize(
    ("name", "seen", "rows", "kept"),
    [
        ("rows", 1, [[1, 2], [3]], False),
        ("rows", 1, [[]], False),
        ("rows", 1, [[1], [3], [4]], True),
        ("rows", 1, [], True),
        ("items", 1, [[1, 2], [3]], True),
        ("items", 5, [[1, 2], [3]], False),
    ],
)
def test_rows_have_one_length_where_all_observed_ones_had(guest, name, seen, rows, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain(name)
    for number in range(seen):
        domain.learn(["list", [["list", [number, 2]], ["list", [3, 4]]]])
    recipe = ["list", [["list", row] for row in rows]]
    assert judge.relations(recipe, domain) is kept
    domain.learn(["list", [["list", [1]], ["list", []]]])
    assert judge.relations(recipe, domain) is True


def test_drawn_and_varied_tables_have_one_length(guest):
    domain = guest("domain").Domain("table")
    domain.learn(["list", [["list", ["a", 1]], ["list", ["b", 2]]]])
    generator = guest("generate").Generator(random.Random(3), [], lambda module, name: None)
    recipe = ["list", [["list", ["a", 1]], ["list", ["b", 2]]]]
    made = [generator.value(domain) for _ in range(100)]
    made += [guest("mutate").mutate(generator, recipe, domain) for _ in range(100)]
    tables = [one for one in made if isinstance(one, list) and one[0] == "list"]
    assert all(guest("tables").is_level(one[1]) for one in tables)
    assert {len(one[1][0][1]) for one in tables if one[1]} >= {1, 2, 3}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * 300, False),
        ("b/" + "a" * 100, True),
        ("a.", False),
        ("a.txt", True),
        ("..", False),
        ("./a", False),
        ("a//b", False),
        ("../a", True),
    ],  # fmt: skip,
)
def test_a_path_has_parts_that_a_file_system_takes(guest, text, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    assert judge.types(text, guest("domain").Domain("path")) is kept
    assert judge.types(text, guest("domain").Domain("title")) is True


def test_a_path_is_written_long_where_an_observed_one_is(guest):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain("path")
    domain.learn("./notes")
    assert judge.types("./a", domain)


def test_a_suffix_may_be_its_own_default(guest):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain("suffix")
    domain.learn(".html")
    domain.pool.append("")
    assert judge.relations("", domain)
    assert not judge.relations("html", domain)


@pytest.mark.parametrize(
    ("text", "kept"), [(".md", True), (".tar.gz", True), ("md", False), ("", False), (".", False)]
)
def test_a_suffix_begins_with_a_dot_where_all_observed_ones_do(guest, text, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain("suffix")
    assert judge.relations(text, domain) is True
    domain.learn(".html")
    assert judge.relations(text, domain) is kept
    domain.learn("html")
    assert judge.relations(text, domain) is True


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ("place = Place.parse(place)", True),
        ("place = Place.parse(other)", False),
        ("raise TypeError(place)", False),
    ],
)
def test_what_is_converted_may_be_a_text(guest, body, taken):
    domains = {"place": guest("domain").Domain("place")}
    tree = ast.parse(f"def f(place):\n    if not isinstance(place, Place):\n        {body}\n")
    guest("usage").demand(domains, tree, {})
    assert ("str" in domains["place"].tags) is taken


@pytest.mark.parametrize(
    ("seen", "number", "kept"),
    [
        (range(1, 13), ["Decimal", "1.1"], False),
        (range(1, 13), ["float", "2.5"], False),
        (range(1, 13), ["Decimal", "2"], True),
        (range(1, 5), ["Decimal", "1.1"], True),
        ([*range(1, 13), ["float", "0.5"]], ["Decimal", "1.1"], True),
        ([1] * 40, ["Decimal", "1.1"], True),
    ],
    ids=[
        "a fraction",
        "a float",
        "a whole one",
        "few were seen",
        "one was no whole one",
        "one was seen often",
    ],
)
def test_where_many_numbers_were_whole_a_fraction_is_none_that_a_caller_passes(guest, seen, number, kept):
    judge = guest("plausible").Judge(set(), lambda module, name: None)
    domain = guest("domain").Domain("month")
    for one in seen:
        domain.learn(one)
    assert judge.relations(number, domain) is kept
