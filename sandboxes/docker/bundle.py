"""Carries the supervisor into a container on the command line of its interpreter.

A mount would need the engine to see this machine's files; an argument reaches any engine.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "guest"
_MODULES = ("accounting", "copying", "leavings", "supervisor")  # each imports only earlier ones
_LOADER = """
import sys
new = type(sys)
sys.modules["guest"] = new("guest")
sys.modules["guest"].__path__ = []
for _ in range(int(sys.argv.pop(1))):
    module = new("guest." + sys.argv.pop(1))
    module.__package__ = "guest"
    sys.modules[module.__name__] = module
    exec(compile(sys.argv.pop(1), module.__name__, "exec"), module.__dict__)
module.main()
"""


@cache
def command() -> tuple[str, ...]:
    """Arguments of ``python3`` that run the supervisor; its specification comes behind them."""
    modules: list[str] = []
    for name in _MODULES:
        modules += [name, (_FOLDER / f"{name}.py").read_text(encoding="utf-8")]
    return ("-I", "-S", "-B", "-c", _LOADER, str(len(_MODULES)), *modules)
