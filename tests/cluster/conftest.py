"""Fixtures of a cluster on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.processes import Cluster
from tests.e2e.conftest import environment, harness, state  # noqa: F401 - fixtures of these tests too


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    found = Cluster(tmp_path)
    yield found
    found.close()
