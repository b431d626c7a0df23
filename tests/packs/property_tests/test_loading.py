"""Modules that base could import and head cannot are found and proven; what the sandbox lacks is told."""

import pytest

from harness.check.interface import CheckSkipped

from .local import LocalContext, check

CART = "from .prices import half\n\n\ndef total(n: int) -> int:\n    return half(n) * 2\n"
PRICES = "def half(n: int) -> int:\n    return n // 2\n"
SHOP = {"shop/__init__.py": "", "shop/cart.py": CART, "shop/prices.py": PRICES}
PROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [{}]\n'


def run(place, change, base=None):
    before = {**SHOP, **(base or {})}
    after = {path: text for path, text in {**before, **change}.items() if text is not None}
    context = LocalContext(place, before, after)
    try:
        outcome = check(context)
    except CheckSkipped:
        return context, []
    assert not outcome.failed
    return context, outcome.unverified


@pytest.mark.parametrize(
    ("change", "path", "module", "after"),
    [
        ({"shop/prices.py": PRICES.replace("half", "halved")}, "shop/prices.py", "shop.cart", "ImportError"),
        ({"shop/prices.py": "import nothere\n" + PRICES}, "shop/prices.py", "shop.prices", "ModuleNotFoundError"),
        ({"shop/prices.py": PRICES + "x = 1 +\n"}, "shop/prices.py", "shop.prices", "SyntaxError"),
        ({"shop/prices.py": PRICES + "return 1\n"}, "shop/prices.py", "shop.prices", "SyntaxError"),
        ({"shop/prices.py": PRICES + "RATE = {}['rate']\n"}, "shop/prices.py", "shop.prices", "KeyError"),
        ({"shop/prices.py": "from .cart import total\n" + PRICES}, "shop/prices.py", "shop.prices", "ImportError"),
        ({"shop/prices.py": None}, "shop/cart.py", "shop.cart", "ModuleNotFoundError"),
        ({"shop/prices.py": "import sys\n" + PRICES + "sys.exit(2)\n"}, "shop/prices.py", "shop.prices", "SystemExit"),
    ],
    ids=["removed-name", "unknown-package", "syntax", "compiled-syntax", "constant", "circle", "removed-module",
         "exit"],
)  # fmt: skip
def test_an_import_that_fails_on_head_alone_is_a_regression(tmp_path, change, path, module, after):
    context, unverified = run(tmp_path, change)
    found = [one for one in context.drafts if one.rule == "import-fails"]
    assert [(one.category, one.location.path, one.location.symbol) for one in found] == [
        ("regression", path, module)
    ], unverified
    assert found[0].difference.after == f"raises {after}"
    assert context.verdicts(found[0]) == (True, False)
    assert not [one for one in unverified if one.what.startswith(module)]


def test_a_process_that_ends_or_never_gets_through_its_import_is_found(tmp_path):
    for name, line, after in (
        ("ends", "os._exit(0)", "crashes"),
        ("endless", "while True:\n    pass", "hangs"),
    ):
        context, _ = run(tmp_path / name, {"shop/prices.py": f"import os\n{PRICES}\n\n{line}\n"})
        assert {one.difference.after for one in context.drafts} == {after}
        assert context.verdicts(context.drafts[0]) == (True, False)


def test_the_same_cause_is_told_once_with_all_modules(tmp_path):
    more = {f"shop/more{at}.py": "from . import cart\n" for at in range(3)}
    context, _ = run(tmp_path, {"shop/prices.py": "import nothere\n" + PRICES}, more)
    assert len(context.drafts) == 1
    assert "shop.cart" in context.drafts[0].message


@pytest.mark.parametrize(
    ("change", "base", "why"),
    [
        ({"pyproject.toml": PROJECT.format('"nothere>=1"'), "shop/prices.py": "import nothere\n" + PRICES},
         {"pyproject.toml": PROJECT.format("")}, "declared and not installed"),
        ({"requirements.txt": "PyYAML-nothere==1\n", "shop/prices.py": "import nothere_yaml\n" + PRICES},
         {"requirements.txt": ""}, "declared and not installed"),
        ({"shop/prices.py": "import nothere\n" + PRICES}, {"requirements-dev.txt": "python-nothere~=2.0\n"},
         "declared and not installed"),
        ({"shop/prices.py": "import os\n" + PRICES + "KEY = os.environ['SHOP_KEY']\n"}, {},
         "environment variable SHOP_KEY"),
        ({"shop/prices.py": "import os\n" + PRICES + "if not os.getenv('SHOP_KEY'):\n    raise RuntimeError('key')\n"},
         {}, "environment variable SHOP_KEY"),
        ({"shop/prices.py": PRICES + "RATE = open('/etc/shop-rate').read()\n"}, {}, "the file /etc/shop-rate"),
        ({"shop/prices.py": "import subprocess\n" + PRICES + "V = subprocess.run(['nothere-tool'])\n"}, {},
         "the program nothere-tool"),
        ({"shop/prices.py": "type Number[T] = list[T]\n" + PRICES + "x = ??\n",
          "pyproject.toml": PROJECT.replace("3.9", "3.99").format("")}, {"pyproject.toml": PROJECT.format("")},
         "no Python that version"),
    ],
    ids=["new-dependency", "other-name", "declared-before", "variable", "variable-asked-politely", "file", "program",
         "later-python"],
)  # fmt: skip
def test_what_the_sandbox_lacks_is_told_and_no_finding(tmp_path, change, base, why):
    context, unverified = run(tmp_path, change, base)
    assert context.drafts == []
    assert any(one.what in ("shop.prices", "shop.cart") and why in one.why for one in unverified), unverified


@pytest.mark.parametrize(
    ("change", "base"),
    [
        ({"shop/prices.py": "import decimal\n" + PRICES}, {}),
        ({"shop/prices.py": None, "shop/rates.py": PRICES, "shop/cart.py": CART.replace("prices", "rates")}, {}),
        ({"shop/prices.py": "try:\n    import nothere\nexcept ImportError:\n    nothere = None\n" + PRICES}, {}),
        ({"shop/prices.py": PRICES.replace("half", "halved"), "shop/cart.py": CART.replace("half", "halved")}, {}),
        ({"run.py": "import sys\nsys.exit(len(sys.argv))\n"}, {"run.py": "import sys\nsys.exit(1)\n"}),
        ({"shop/prices.py": PRICES + "from . import cart as _cart\n"}, {}),
    ],
    ids=["standard-module", "moved", "optional", "renamed-everywhere", "script-that-exits", "circle-that-works"],
)  # fmt: skip
def test_imports_that_work_are_no_finding(tmp_path, change, base):
    context, _ = run(tmp_path, change, base)
    assert context.drafts == []


def test_an_import_broken_on_both_sides_is_unverified(tmp_path):
    broken = "import nothere\n"
    context, unverified = run(
        tmp_path, {"shop/prices.py": broken + PRICES + "\n\nX = 1\n"}, {"shop/prices.py": broken + PRICES}
    )
    assert context.drafts == []
    assert any("shop.prices" in one.what and "on base" in one.why for one in unverified), unverified


def test_a_new_module_that_nobody_can_import_is_told(tmp_path):
    context, unverified = run(
        tmp_path, {"shop/new.py": "from .prices import nothing\n", "shop/prices.py": PRICES + "X = 1\n"}
    )
    assert context.drafts == []
    assert [one.what for one in unverified if "it is new" in one.why] == ["shop.new"]
