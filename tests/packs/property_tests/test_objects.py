"""Objects that refer to each other: found out by probes, drawn, built, written and made smaller."""

import importlib
import random
import sys

import pytest

from .local import PACK, ROOT, LocalContext, check, module

sys.path.insert(0, str(ROOT / "harness" / "guest"))
sys.path.insert(0, str(PACK))
graphs = importlib.import_module("guestlib.graphs")
recipes = importlib.import_module("guestlib.recipes")
source = importlib.import_module("guestlib.source")
objects = importlib.import_module("guest.objects")
probe = importlib.import_module("guest.probe")
ducks = importlib.import_module("guest.ducks")

CYCLE = [
    "graph",
    None,
    [[[["value", 1]], [["next", ["at", 1]]]], [[["value", 2], ["next", ["at", 0]]], []]],
    0,
]
NODE = "class Node:\n    def __init__(self, value, successor=None):\n        self.value = value\n" \
    "        self.successor = successor\n"  # fmt: skip
REVERSE = (
    "def reverse(node):\n    previous = None\n    while node:\n        after = node.successor\n"
    "        node.successor = previous\n        previous = node\n        node = after\n    return previous\n"
)
REACH = (
    "def reaches(start, goal):\n    seen, waiting = [], [start]\n    while waiting:\n"
    "        node = waiting.pop()\n        if node is goal:\n            return True\n        seen.append(node)\n"
    "        waiting += [one for one in node.links if one not in seen]\n    return False\n"
)
DISTANCE = (
    "def longest(length_by_edge, start):\n    return max(\n"
    "        [length_by_edge[start, one] + longest(length_by_edge, one) for one in start.links] or [0]\n    )\n"
)


def test_a_cycle_is_built_and_other_arguments_are_the_same_objects():
    (first, second), _ = recipes.build_call([CYCLE, ["at", 1]], [])
    assert first.next is second
    assert second.next is first
    assert recipes.recipe_of([second]) == ["list", [["at", 1]]]


def test_a_reference_without_a_graph_is_refused():
    recipes.build_call([CYCLE], [])
    with pytest.raises(IndexError):
        recipes.build_call([["at", 0]], [])


def test_the_source_builds_the_same_graph():
    writer = source.Source()
    name = writer.expression(CYCLE)
    names = {}
    exec("\n".join(writer.prelude), names)
    assert names[name].next.next is names[name]
    assert (names[name].value, names[name].next.value) == (1, 2)


@pytest.mark.parametrize("seed", range(40))
def test_links_that_lead_back_agree_with_those_that_lead_forth(seed):
    shape = objects.Shape()
    shape.many = ["incoming_nodes", "outgoing_nodes"]
    nodes = objects.draw(random.Random(seed), shape, lambda domain, at: at)
    for at, node in enumerate(nodes):
        for _, to in objects.linked(node["outgoing_nodes"]):
            assert ["at", at] in nodes[to]["incoming_nodes"][1]
    assert objects.read(objects.written(shape, nodes, 0)) == nodes


def test_probes_tell_objects_pairs_and_mappings_apart():
    names = {}
    exec(DISTANCE + "def width(boxes):\n    return [high - low for low, high in boxes]\n", names)
    use = probe.watch(names["longest"], ["length_by_edge", "start"])
    assert ducks.is_node(use["start"])
    assert len(use["length_by_edge"].key.parts) == 2
    assert len(probe.watch(names["width"], ["boxes"])["boxes"].item.parts) == 2


def test_a_graph_is_made_smaller_by_an_object():
    scenario = [None, [["f", [CYCLE, ["at", 1]], []]]]
    smaller = [one for one in module("shrink").neighbours(scenario) if len(str(one)) < len(str(scenario))]
    assert [None, [["f", [["graph", None, [[[["value", 1]], [["next", None]]]], 0], None], []]]] in smaller


@pytest.mark.parametrize("with_class", ["in the module", "in another module", "nowhere"])
def test_a_list_of_linked_objects(tmp_path, with_class):
    before = REVERSE + ("\n\n" + NODE if with_class == "in the module" else "")
    others = {"nodes.py": NODE} if with_class == "in another module" else {}
    draft = _only(tmp_path, before, before.replace("        previous = node\n", ""), others)
    assert ("class Node" in draft.proof.files["test_@id@_base.py"].decode()) is (with_class == "nowhere")


def test_a_network_that_two_arguments_share(tmp_path):
    _only(tmp_path, REACH, REACH.replace("        seen.append(node)\n", ""), {})


def test_a_mapping_keyed_by_the_edges_of_a_network(tmp_path):
    _only(tmp_path, DISTANCE, DISTANCE.replace("max(", "min("), {})


def _only(place, before, after, others):
    """The one draft about the change, with a proof that holds."""
    context = LocalContext(place, {"links.py": before, **others}, {"links.py": after, **others})
    context.settings = {"seconds": 40}
    check(context)
    draft = context.drafts[0]
    assert context.verdicts(draft) == (True, False)
    return draft


def test_an_input_that_runs_new_lines_is_told_once(tmp_path):
    reach = importlib.import_module("guest.reach")
    file = tmp_path / "sign.py"
    file.write_text("def sign(n):\n    if n < 0:\n        return -1\n    return 1\n")
    names = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    watching = reach.Reach(str(tmp_path))
    observe = importlib.import_module("guestlib.outcome").observe
    told = [watching.watch(lambda n=n: observe(lambda: names["sign"](n))) for n in (5, 6, -2, -3)]
    assert [(outcome["text"], fresh) for outcome, fresh in told] == [
        ("1", True),
        ("1", False),
        ("-1", True),
        ("-1", False),
    ]


def test_texts_for_strptime_are_ones_that_it_reads():
    texts = importlib.import_module("guest.texts")
    made = texts.moment(random.Random(3), "%d.%m.%Y")
    assert texts.datetime.datetime.strptime(made, "%d.%m.%Y")
    assert texts.moment(random.Random(3), "100 %") == "100 %"
