"""One comment a change: found by its hidden marker and updated in place, else made."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.publish.http import ATTEMPTS, Client, RefusedError
from harness.publish.interface import CutError
from harness.report import markdown

SHORTER = 15_000


@dataclass(frozen=True)
class Comments:
    """A host's way to find our comment's id (None: there is none), and to write one."""

    find: Callable[[], int | None]
    create: Callable[[str], None]
    update: Callable[[int, str], None]


def upsert(client: Client, comments: Comments, render: Callable[[int], str]) -> str:
    """Write the comment; ``updated`` or ``posted``. ``render`` takes the most characters allowed.

    After an unclear end of a creation the comment is looked for again, so that there never
    are two. A host that finds it too long (422, 413) gets a shorter one once. A comment that was
    deleted meanwhile (404) is made anew. Raises PublishError.
    """
    limit = markdown.LIMIT
    for attempt in range(1, ATTEMPTS + 1):
        known = comments.find()
        try:
            if known is None:
                comments.create(render(limit))
            else:
                comments.update(known, render(limit))
        except RefusedError as problem:
            too_long = problem.status in (413, 422) and limit > SHORTER
            gone = problem.status == 404 and known is not None
            if not (too_long or gone) or attempt == ATTEMPTS:
                raise
            limit = SHORTER if too_long else limit
        except CutError:
            # An update was tried often enough already; only a creation may or may not have happened.
            if known is not None or attempt == ATTEMPTS:
                raise
            client.pause(attempt)
        else:
            return "posted" if known is None else "updated"
    raise AssertionError("the last attempt returns or raises")
