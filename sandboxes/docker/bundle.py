"""Carries the supervisor into a container on the command line of its interpreter.

A mount would need the engine to see this machine's files; an argument reaches any engine.
"""

import json
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "guest"
_MODULES = ("accounting", "copying", "leavings", "supervisor")  # each imports only earlier ones
_LOADER = """
import json, sys, types
package = types.ModuleType("guest")
package.__path__ = []
sys.modules["guest"] = package
for name, source in json.loads(sys.argv[1]).items():
    module = types.ModuleType("guest." + name)
    module.__package__ = "guest"
    sys.modules[module.__name__] = module
    exec(compile(source, name + ".py", "exec"), module.__dict__)
module.main()
"""


@cache
def command() -> tuple[str, ...]:
    """Arguments of ``python3`` that run the supervisor; its specification comes behind them."""
    sources = {name: (_FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    return ("-I", "-S", "-B", "-c", _LOADER, json.dumps(sources))
