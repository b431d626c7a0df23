"""How a job ended, by the stage's report."""

import pytest

from sandboxes.bubblewrap.ends import status_of


@pytest.mark.parametrize(
    ("code", "signalled", "status"),
    [(0, False, 0), (137, False, 137), (137, True, -9), (139, True, -11), (3, False, 3), (255, False, 255)],
)
def test_the_kernels_word_counts(code: int, signalled: bool, status: int) -> None:
    assert status_of(code, signalled) == status


@pytest.mark.parametrize(("code", "status"), [(0, 0), (137, -9), (160, 160), (129, -1)])
def test_without_it_fatal_signals_are_assumed(code: int, status: int) -> None:
    assert status_of(code, None) == status
