"""The last step of shrinking: Hypothesis looks for a still smaller scenario.

The batched search in :mod:`.shrink` takes one simplification at a time and stops where none
helps alone. Hypothesis draws several at once and shrinks its draws as a whole. It works outside
on recipes, which are plain data; nothing of the code under test is loaded here.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .shrink import Recipe, size
from .simpler import ITEMS_AT_1, MAPPINGS
from .wire import ENVIRON, Scenario

EXAMPLES = 60
QUESTIONS = 150
MAX_TEXT = 4000


def minimal(
    scenario: Scenario,
    still: Callable[[Scenario], bool],
    more_time: Callable[[], bool],
    measure: Callable[[Scenario], Any] = size,
) -> Scenario:
    """A smaller scenario that ``still`` accepts, else the given one.

    ``still`` is asked at most ``QUESTIONS`` times, once for each scenario.
    """
    if not more_time() or len(json.dumps(scenario)) > MAX_TEXT:
        return scenario
    best = scenario
    answers: dict[str, bool] = {}

    def smaller(candidate: Scenario) -> bool:
        nonlocal best
        key = json.dumps(candidate)
        if key not in answers:
            asked = measure(candidate) < measure(scenario) and len(answers) < QUESTIONS and more_time()
            answers[key] = asked and still(candidate)
            if answers[key] and measure(candidate) < measure(best):
                best = candidate
        return answers[key]

    _find(scenario, smaller)
    return best


def _find(scenario: Scenario, smaller: Callable[[Scenario], bool]) -> None:
    # Hypothesis would keep files in the folder that the harness was started in. Here nothing can be.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(os.devnull, "hypothesis")))
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.errors import HypothesisException

    _nothing_local()
    calm = settings(
        database=None, derandomize=True, deadline=None, max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    try:
        find(_scenarios(scenario), smaller, settings=calm)
    except HypothesisException:  # nothing smaller was drawn
        return


def _nothing_local() -> None:
    """Hypothesis draws constants of modules outside site-packages, and reads them all for it: a second and a
    half where the harness is installed in place, for constants of the harness. There is no setting for it."""
    from hypothesis.internal.conjecture import providers

    seen = getattr(providers, "_seen_modules", None)
    if isinstance(seen, set):
        seen.update(map(id, list(sys.modules.values())))


def _scenarios(scenario: Scenario) -> Any:
    """Strategy of the scenario's simplifications: a sub-lattice that holds the scenario itself."""
    from hypothesis import strategies as st

    receiver, steps = scenario

    @st.composite
    def drawn(draw: Any) -> Scenario:
        kept = [step for step in steps[:-1] if draw(st.booleans())] + steps[-1:]
        return [receiver, [_step(draw, step) for step in kept]]

    return drawn()


def _step(draw: Any, step: list[Any]) -> list[Any]:
    name, args, kwargs = step
    if args is None or name == ENVIRON:
        return step
    return [name, [_recipe(draw, one) for one in args], [[key, _recipe(draw, one)] for key, one in kwargs]]


def _recipe(draw: Any, recipe: Recipe) -> Recipe:
    from hypothesis import strategies as st

    if isinstance(recipe, bool) or recipe is None:
        return recipe and draw(st.booleans())
    if isinstance(recipe, int):
        return draw(st.integers(min(recipe, 0), max(recipe, 0)))
    if isinstance(recipe, str):
        return "".join(_letter(draw, letter) for letter in recipe if draw(st.booleans()))
    if isinstance(recipe, list) and len(recipe) > 1 and recipe[0] in ITEMS_AT_1:
        kept = [one for one in recipe[1] if draw(st.booleans())]
        return [recipe[0], [_recipe(draw, one) for one in kept], *recipe[2:]]
    if isinstance(recipe, list) and len(recipe) > 1 and recipe[0] in MAPPINGS:
        pairs = [pair for pair in recipe[-1] if draw(st.booleans())]
        return [*recipe[:-1], [[key, _recipe(draw, value)] for key, value in pairs]]
    return recipe


def _letter(draw: Any, letter: str) -> str:
    from hypothesis import strategies as st

    plain = "a" if letter.isalpha() else "0" if letter.isdecimal() else letter
    return str(draw(st.sampled_from((plain, letter)))) if plain != letter else letter
