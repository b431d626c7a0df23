"""Honest changes to the tests of the small shop: refactors, and updates with the code."""

from tests.packs.test_replay.tricks import ASSERTION, CART, CASE, CONFIG, TESTS, text

LISTING = '''

def cheapest(prices, count):
    """The lowest prices, in order."""
    return sorted(prices)[:count]
'''
CEILED = CART.replace("max(sum(prices) - discount, 0)", "max(sum(prices) - discount, 1)")
RENAMED = CART.replace("def total(", "def amount(")
FREE = CART.replace('        raise EmptyCart("nothing in the cart")\n', "        return 0\n")
FREE_TESTS = TESTS.replace(
    "    with pytest.raises(EmptyCart):\n        total([])\n", "    assert total([]) == 0\n"
)

REFACTORS = {
    "cosmetic": {
        "tests/test_cart.py": TESTS.replace("cents", "expected_cents").replace("\n\n\n", "\n\n\n# next\n")
    },
    "test-renamed": {"tests/test_cart.py": TESTS.replace("test_sum", "test_prices_are_added")},
    "test-moved": {
        "tests/test_cart.py": TESTS[: TESTS.index("def test_label")],
        "tests/test_labels.py": "from shop.cart import label\n\n\n" + TESTS[TESTS.index("def test_label") :],
    },
    "parametrised": {
        "tests/test_cart.py": TESTS.replace(
            "def test_sum():\n    assert total([3, 4]) == 7\n",
            "@pytest.mark.parametrize('prices, cents', [([3, 4], 7), ([1], 1)])\n"
            "def test_sum(prices, cents):\n    assert total(prices) == cents\n",
        )
    },
    "split": {
        "tests/test_cart.py": TESTS.replace("[(4, 6), (10, 0), (12, 0)]", "[(4, 6)]")
        + "\n\ndef test_never_negative():\n    assert total([7, 3], 10) == 0\n    assert total([7, 3], 12) == 0\n"
    },
    "fixture": {
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef prices():\n    return [7, 3]\n",
        "tests/test_cart.py": TESTS.replace("discount, cents):\n", "discount, cents, prices):\n").replace(
            ASSERTION, "    assert total(prices, discount) == cents\n"
        ),
    },
    "class-around": {
        "tests/test_cart.py": TESTS.replace(
            "def test_sum():\n    assert total([3, 4]) == 7\n",
            "class TestSum:\n    def test_two(self):\n        assert total([3, 4]) == 7\n",
        )
    },
    "unittest-becomes-pytest": {
        "tests/test_case.py": text("""
            from shop.cart import total


            def test_with_discount():
                assert total([50, 60], 30) == 80
        """)
    },
    "report-kept-for-fixtures": {
        "tests/conftest.py": text("""
            import pytest

            @pytest.hookimpl(hookwrapper=True, tryfirst=True)
            def pytest_runtest_makereport(item, call):
                outcome = yield
                report = outcome.get_result()
                setattr(item, "report_" + report.when, report)
        """)
    },
    "configuration-moved": {
        "pyproject.toml": '[project]\nname = "shop"\n',
        "pytest.ini": "[pytest]\ntestpaths = tests\naddopts = -ra -q\n",
    },
    "options-for-speed": {"pyproject.toml": CONFIG + 'addopts = "-n auto --cov=shop --cov-report=term -x"\n'},
    "slow-marker": {
        "pyproject.toml": CONFIG + 'markers = ["slow: takes long"]\n',
        "tests/test_cart.py": TESTS.replace("def test_label", "@pytest.mark.slow\ndef test_label"),
    },
    "order-turned-round": {
        "tests/test_cart.py": TESTS[: TESTS.index("def test_empty")]
        + TESTS[TESTS.index("def test_label") :]
        + "\n\n"
        + TESTS[TESTS.index("def test_empty") : TESTS.index("def test_label")]
    },
    "code-refactored-too": {
        "shop/cart.py": CART.replace(
            "    return max(sum(prices) - discount, 0)",
            "    rest = sum(prices) - discount\n    return rest if rest > 0 else 0",
        ),
        "tests/test_cart.py": TESTS.replace("test_sum", "test_added_up"),
    },
    "duplicate-removed": {"tests/test_case.py": CASE.replace("test_with_discount", "test_discounted")},
}

UPDATES = {
    "value-changed-and-tested": {
        "shop/cart.py": CEILED,
        "tests/test_cart.py": TESTS.replace("(10, 0), (12, 0)", "(10, 1), (12, 1)"),
    },
    "error-becomes-value": {"shop/cart.py": FREE, "tests/test_cart.py": FREE_TESTS},
    "test-renamed-with-the-behaviour": {
        "shop/cart.py": FREE,
        "tests/test_cart.py": FREE_TESTS.replace("def test_empty", "def test_an_empty_cart_is_free"),
    },
    "part-of-a-test-moved-to-a-new-one": {
        "shop/cart.py": CEILED,
        "tests/test_cart.py": TESTS.replace("[(4, 6), (10, 0), (12, 0)]", "[(4, 6)]")
        + "\n\ndef test_at_least_a_cent():\n    assert total([7, 3], 12) == 1\n    assert total([7, 3], 10) == 1\n",
    },
    "function-renamed": {
        "shop/cart.py": RENAMED,
        "tests/test_cart.py": TESTS.replace("total", "amount"),
        "tests/test_case.py": CASE.replace("import total", "import amount").replace("total(", "amount("),
    },
    "function-removed-with-its-test": {
        "shop/cart.py": CART[: CART.index("def label")],
        "tests/test_cart.py": TESTS[: TESTS.index("def test_label")].replace(
            "EmptyCart, label, total", "EmptyCart, total"
        ),
    },
    "feature-added-with-test": {
        "shop/cart.py": CART + LISTING,
        "tests/test_cart.py": TESTS.replace("import EmptyCart", "import EmptyCart, cheapest")
        + "\n\ndef test_cheapest():\n    assert cheapest([3, 1, 2], 2) == [1, 2]\n",
    },
    "module-moved": {
        "shop/cart.py": "",
        "shop/basket.py": CART,
        "tests/test_cart.py": TESTS.replace("shop.cart", "shop.basket"),
        "tests/test_case.py": CASE.replace("shop.cart", "shop.basket"),
    },
    "fix-beside-a-new-function": {
        "shop/cart.py": CEILED + LISTING,
        "tests/test_cart.py": TESTS.replace("import EmptyCart", "import EmptyCart, cheapest").replace(
            "(10, 0), (12, 0)", "(10, 1), (12, 1)"
        )
        + "\n\ndef test_cheapest():\n    assert cheapest([3, 1, 2], 2) == [1, 2]\n",
    },
}
