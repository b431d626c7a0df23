"""What reviewers are told: familiar inputs first, lesser differences aside, sentences they understand."""

import pytest

from .local import module

nearness, aside, comparing, shrinking, testfile, vacuity = map(
    module, ("nearness", "aside", "compare", "shrink", "testfile", "vacuous")
)
RECORDS = [
    {"symbol": "shop.fee", "args": [1440], "kwargs": [], "receiver": None},
    {"symbol": "shop.fee", "args": [75], "kwargs": [["zone", "inner"]], "receiver": None},
    {"symbol": "shop.other", "args": [999], "kwargs": [], "receiver": None},
]
NEAR = nearness.Nearness(RECORDS, "shop.fee")


def call(*arguments, **named):
    return [None, [["fee", list(arguments), [[name, value] for name, value in named.items()]]]]


def test_a_recorded_value_is_nearer_than_a_shorter_one():
    assert NEAR.size(call(1440)) < NEAR.size(call(61))
    assert NEAR.size(call(75, zone="inner")) < NEAR.size(call(75, zone="x.y"))


def test_a_value_recorded_elsewhere_is_strange():
    assert NEAR.size(call(75)) < NEAR.size(call(999))


def test_a_much_shorter_input_is_still_simpler():
    long = [{"symbol": "shop.fee", "args": ["x" * 200], "kwargs": [], "receiver": None}]
    near = nearness.Nearness(long, "shop.fee")
    assert near.size(call("ab")) < near.size(call("x" * 200))


def test_shrinking_ends_at_a_recorded_value_where_that_shows_it():
    def still(batch):
        return [bool(one[1][0][1]) and one[1][0][1][0] > 70 for one in batch]

    found = shrinking.shrink(call(5000), still, lambda: True, NEAR.size, NEAR.neighbours)
    assert found == call(75)


VALUE = {"kind": "value", "text": "[1]", "group": "collection"}
REFUSED = {"kind": "raises ValueError", "origin": "purpose", "bases": ["Exception"], "said": "one"}


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        (VALUE, VALUE, None),
        ({**VALUE, "loose": "x"}, {**VALUE, "text": "<iterator of [1]>", "loose": "x"}, "form"),
        (VALUE, {**VALUE, "text": "Bag([1])", "plain": "[1]"}, "form"),
        (REFUSED, {**REFUSED, "said": "two"}, "words"),
        (REFUSED, {**REFUSED, "kind": "raises TooLow", "bases": ["ValueError"]}, "kind"),
        ({**REFUSED, "origin": "garbage", "kind": "raises TypeError"}, VALUE, "accident"),
    ],
)
def test_lesser_differences_are_told_by_reason(base, head, reason):
    assert comparing.split([base], [head], set()) is None
    found = aside.Aside(NEAR.size)
    found.lesser(call(1), [base], [head])
    assert list(found.counts) == ([reason] if reason else [])


def test_one_sentence_a_function_with_the_simplest_example():
    found = aside.Aside(NEAR.size)
    found.add("unlikely", call(-5))
    found.add("unlikely", call(0))
    found.add("words", call(75))
    text = found.sentence("shop.fee", lambda scenario: f"fee({scenario[1][0][1][0]})")
    assert text is not None
    assert text.startswith(
        "shop.fee differs only on inputs that nothing says a caller may pass (2, such as fee(0));"
    )
    assert text.endswith("in the text of an exception (1, such as fee(75)).")
    assert aside.Aside(NEAR.size).sentence("shop.fee", str) is None


def test_a_subclass_stands_for_its_class_but_not_the_reverse():
    counter = {**VALUE, "text": "Counter({'a': 1})", "plain": "{'a': 1}"}
    plain = {**VALUE, "text": "{'a': 1}"}
    assert comparing.split([plain], [counter], set()) is None
    assert comparing.split([counter], [plain], set()) is not None


def test_two_refusals_of_one_function_are_two_classes():
    first, second = (
        {**REFUSED, "site": site} for site in ("f: raise ValueError('a')", "f: raise ValueError('b')")
    )
    found = [comparing.split([one], [VALUE], set()) for one in (first, second)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].narrow != found[1].narrow
    other = comparing.split([first], [{**REFUSED, "kind": "raises KeyError", "bases": []}], set())
    assert other is not None
    assert other.narrow is None


def shown(setup, *calls):
    steps = [{"call": one, "args": [], "kwargs": [], "prelude": []} for one in calls]
    parts = {"imports": [], "setup": setup, "steps": steps}
    outcomes = [VALUE] * (len(steps) + bool(setup))
    return testfile.TestWriter(
        testfile.Shown(VALUE, parts, outcomes),
        comparing.Split(len(outcomes) - 1, "value", "value"),
        bool(setup),
    ).call()


def test_an_object_is_named_after_its_class():
    assert shown(["receiver = LineItem(1)"], "receiver.add", "receiver.total") == (
        "line_item = LineItem(1); line_item.add(); line_item.total()"
    )
    assert shown(["receiver = Cart()"], "receiver.total") == "Cart().total()"
    assert shown([], "total") == "total()"


def written_call(*calls):
    step = {"args": [], "kwargs": [], "prelude": [], "attribute": True}
    parts = {"imports": [], "setup": ["receiver = Cart()"], "steps": [{**step, "call": one} for one in calls]}
    split = comparing.Split(len(calls), "value", "value")
    return testfile.TestWriter(testfile.Shown(VALUE, parts, [VALUE] * (len(calls) + 1)), split, True).call()


def test_an_object_inside_of_a_call_is_named_as_well():
    assert written_call("len(receiver)") == "len(Cart())"
    assert written_call("receiver.size", "len(receiver)") == "cart = Cart(); cart.size; len(cart)"


class Base:
    """Answers chunks(items, size): a size below 1 divides by zero, unless there is nothing to divide."""

    def execute(self, batch):
        return [([self.outcome(*scenario[1][0][1])], True) for scenario in batch]

    def outcome(self, items, size):
        if items[1] and size < 1:
            return {"kind": "raises ZeroDivisionError", "origin": "data"}
        return {"kind": "value", "text": "[]"}


SAMPLES = [call(["list", [number]], 2) for number in range(5)]


@pytest.mark.parametrize(
    ("items", "size", "expected"),
    [(["list", []], 0, True), (["list", []], 2, False), (["list", [1]], 2, False)],
)
def test_an_answer_for_nothing_is_no_promise(items, size, expected):
    assert vacuity.vacuous(Base(), call(items, size), SAMPLES) is expected


def test_too_few_samples_say_nothing():
    assert not vacuity.vacuous(Base(), call(["list", []], 0), SAMPLES[:2])
