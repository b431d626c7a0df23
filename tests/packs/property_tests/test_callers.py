"""Who stands in for a changed function, and which words lead to its inputs."""

from .local import module

LIBRARY = {
    "lib": (
        "lib/__init__.py",
        "from .core import Engine\n\ndef render(text):\n    return Engine().run(text)\n",
    ),
    "lib.core": (
        "lib/core.py",
        "class Engine:\n    def run(self, text):\n        return getattr(self, 'step_' + text[0])(text)\n\n"
        "    def step_a(self, text):\n        return _low(text)\n\n\n"
        "def _low(text):\n    return TABLE[text](text)\n\n\n"
        "def _deep(text):\n    return text\n\n\nTABLE = {'a': _deep}\n",
    ),
}


def callers():
    parse = module("syntax").parse
    return module("callers").Callers({name: (path, parse(text)) for name, (path, text) in LIBRARY.items()})


def found(name):
    known = callers()
    function = known.modules["lib.core"][1].functions[name]
    return {one.symbol: one.focus for one in known.of(function, "lib.core")}


def test_a_method_reached_by_a_computed_name_shows_through_whoever_names_its_class():
    assert "lib.render" in found("Engine.step_a")


def test_a_function_in_a_table_is_called_by_whoever_reads_the_table():
    assert list(found("_deep")) == ["lib.core.Engine", "lib.render"]
    assert "step_a" in found("_deep")["lib.core.Engine"]


def test_literals_that_only_one_side_has_come_first():
    before = "def f(x):\n    return x in (';', 'GO')\n"
    after = "def f(x):\n    return x == ';'\n"
    assert module("vocabulary").sharp(before, after, ["f"]) == ["GO", ";"]


def test_other_functions_have_no_part_in_what_is_sharp():
    text = "def f(x):\n    return x == 'a'\n\n\ndef g(x):\n    return x == 'b'\n"
    assert module("vocabulary").sharp(text, text, ["g"]) == ["b"]
