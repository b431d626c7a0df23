"""The process that runs the tree's tests and meets calls in them.

Started as ``boot([tree, plan, out, …])``; the plan is trusted JSON, what is written to ``out``
is judged outside.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import typing

from guestlib import bare, roots

from . import temporary
from .act import Actor
from .following import Follower
from .scout import Scout
from .vary import Varier


def boot(arguments: list[str]) -> None:
    """Run the plan and leave the answers in a file."""
    tree, plan_path, out_path = arguments[:3]
    with open(plan_path, encoding="utf-8") as stream:
        plan = json.load(stream)
    roots.install(tree)
    os.chdir(tree)
    if plan["mode"] != "vary":
        temporary.prepare(tree)
    if plan["mode"] == "scout":
        scout = Scout(tree)
        _run(tree, plan, Follower(tree, plan["symbols"], scout.meet, None, plan["seconds"]))
        found: typing.Any = {"calls": scout.calls}
    elif plan["mode"] == "vary":
        found = {"plan": _varied(plan)}
    else:
        actor = Actor(tree, plan["plan"], plan.get("known"), plan["seconds"], plan.get("explain") is True)
        symbols = sorted({item["symbol"] for item in plan["plan"]})
        tests = sorted({item["test"] for item in plan["plan"]})
        _run(tree, plan, Follower(tree, symbols, actor.meet, tests, plan["seconds"]))
        seen = {name: sorted(names) for name, names in actor.seen.items()}
        found = {"answers": actor.answers, "shapes": seen}
    with open(out_path + ".part", "w", encoding="ascii") as stream:
        json.dump(found, stream)
    os.rename(out_path + ".part", out_path)
    os._exit(0)


def _varied(plan: dict[str, typing.Any]) -> list[dict[str, typing.Any]]:
    """Variations of the calls of each symbol; a symbol that cannot be varied has none."""
    found: list[dict[str, typing.Any]] = []
    end = time.monotonic() + plan["seconds"]
    for symbol in sorted({call["symbol"] for call in plan["calls"]}):
        if time.monotonic() > end:
            break
        try:
            near = any(symbol == name or symbol.startswith(name + ".") for name in plan["focus"])
            each = plan["each"] if near else max(2, plan["each"] // 4)
            found += Varier(symbol, plan["calls"], plan["literals"], plan["notes"]).plan(each)
        except Exception as error:
            print("not varied:", symbol, type(error).__name__, error, file=sys.stderr)
    return found


def _run(tree: str, plan: dict[str, typing.Any], follower: Follower) -> None:
    options = ["-q", "-o", "addopts=", "--tb=no", "--assert=plain", "--continue-on-collection-errors"]
    options += ["--basetemp", os.path.join(tempfile.gettempdir(), "pytest")]
    for name in ("cacheprovider", "xdist", "randomly", "pytest_cov"):
        options += ["-p", "no:" + name]
    places = [tree]
    if follower.tests is not None:
        places = sorted({os.path.join(tree, test.partition("::")[0]) for test in follower.tests})
        places = [place for place in places if os.path.exists(place)]
    process = os.getpid()
    try:
        import pytest

        sys.argv = ["pytest"]
        pytest.main([*options, "--rootdir", tree, *places], plugins=[follower, *bare.plugins()])
    except BaseException as error:
        print("the tests ended early:", type(error).__name__, error, file=sys.stderr)
    sys.settrace(None)
    if os.getpid() != process:
        os._exit(0)
