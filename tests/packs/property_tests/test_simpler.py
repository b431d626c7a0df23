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
