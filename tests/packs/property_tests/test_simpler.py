"""Simpler values in all places at once: names stay, the form stays, what stood twice still stands twice."""

import json

from hypothesis import given, settings

from .local import module
from .test_parts import SCENARIOS

simpler, shrinking, wire = module("simpler"), module("shrink"), module("wire")


@settings(max_examples=50, deadline=None)
@given(SCENARIOS)
def test_every_neighbour_is_a_scenario_with_the_same_calls(scenario):
    for one in simpler.everywhere(scenario):
        assert wire.is_scenario(one)
        assert one != scenario
        assert [(step[0], [name for name, _ in step[2]]) for step in one[1]] == [
            (step[0], [name for name, _ in step[2]]) for step in scenario[1]
        ]


def test_a_key_is_renamed_where_it_is_put_and_where_it_is_asked_for():
    prices = ["new", "shop", "Prices", [["dict", [["porcelain", 701]]]], []]
    scenario = [
        prices,
        [["@other", [["then", prices, [["price", ["porcelain"], []]]]], []], ["price", ["porcelain"], []]],
    ]

    def still(batch):
        return [json.dumps(one).replace(" ", "").count('"b"') == 4 for one in batch]

    found = shrinking.shrink(scenario, still, lambda: True)
    assert found == json.loads(json.dumps(scenario).replace("porcelain", "b").replace("701", "0"))


def test_names_are_no_values():
    scenario = [
        ["new", "price", "Price", ["price"], [["price", "price"]]],
        [["price", ["price"], [["price", "price"]]]],
    ]
    renamed = [["new", "price", "Price", ["b"], [["price", "b"]]], [["price", ["b"], [["price", "b"]]]]]
    assert renamed in list(simpler.everywhere(scenario))


def test_a_long_list_has_few_neighbours_at_both_ends_and_between():
    numbers = list(range(1, 5001))
    made = [one for one in shrinking.recipes(["list", numbers]) if len(one[1]) < 5000]
    assert len(made) < 60
    gone = {(set(numbers) - set(one[1])).pop() for one in made if len(one[1]) == 4999}
    assert {1, 2, 4999, 5000} < gone
    assert sum(100 < number < 4900 for number in gone) > 10


def test_a_long_list_still_becomes_short():
    smallest = shrinking.shrink(
        [None, [["f", [["list", list(range(3000))]], []]]],
        lambda batch: [1234 in one[1][0][1][0][1] if one[1][0][1] else False for one in batch],
        lambda: True,
    )
    assert smallest == [None, [["f", [["list", [1234]]], []]]]
