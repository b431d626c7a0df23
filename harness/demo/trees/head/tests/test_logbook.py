import pytest

from moorings.logbook import LogbookError, last_call

LINES = """\
2025-03-01 08:12 ch9 Sea Otter asks for a berth
2025-03-01 08:40 ch9 Gannet leaves A2
2025-03-01 11:05 ch9 Sea Otter is fast at B1
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "radio.log"
    path.write_text(LINES)
    return str(path)


def test_latest_call(log):
    assert last_call("Sea Otter", log) == "2025-03-01 11:05 ch9 Sea Otter is fast at B1"


def test_case_does_not_matter(log):
    assert last_call("gannet", log) == "2025-03-01 08:40 ch9 Gannet leaves A2"


def test_long_log(tmp_path):
    path = tmp_path / "season.log"
    path.write_text(LINES * 500 + "2025-09-30 18:00 ch9 Gannet says goodbye\n")
    assert last_call("Gannet", str(path)) == "2025-09-30 18:00 ch9 Gannet says goodbye"


def test_unknown_boat(log):
    assert last_call("Puffin", log) == ""


def test_missing_log(tmp_path):
    with pytest.raises(LogbookError):
        last_call("Gannet", str(tmp_path / "none.log"))
