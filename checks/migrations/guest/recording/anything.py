"""An object that stands for whatever a migration imports and the sandbox lacks."""

import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Iterator, List


class OpaqueError(Exception):
    """The migration does something whose SQL cannot be told from here."""


class Anything:
    """Every attribute, call and item is again one."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.args, self.named = args, named

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args: Any, **named: Any) -> "Anything":
        return Anything(*args, **named)

    def __getitem__(self, key: Any) -> "Anything":
        return Anything()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __mro_entries__(self, bases: Any) -> Any:
        return (object,)


class Module(types.ModuleType):
    """A module whose missing names are anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> Any:
        module = Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: Any) -> None:
        pass


def install(modules: List[types.ModuleType]) -> None:
    """Put these modules in the place of the real ones, and anything in the place of what is missing."""
    for module in modules:
        sys.modules[module.__name__] = module
    sys.meta_path.append(_Finder())


def quoted(name: Any) -> str:
    return '"%s"' % str(name).replace('"', '""')


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, (int, float)) else "'%s'" % str(value).replace("'", "''")
