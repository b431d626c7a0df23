"""Reasons and remedies where no sandbox works."""

from pathlib import Path

import pytest

from harness.errors import SandboxUnavailableError
from harness.sandbox.interface import Availability, Ended, Failed, Result, Settings
from sandboxes.bubblewrap import diagnosis
from sandboxes.bubblewrap import driver as driver_module
from sandboxes.bubblewrap.plan import Machine
from sandboxes.bubblewrap.stage.hierarchy import Parents

MACHINE = Machine("/usr/bin/bwrap", True, False, False, False, 10, 10)
REFUSED = "bubblewrap could not set the sandbox up: bwrap: setting up uid map: Permission denied"


class Trial:
    def __init__(self, result: Result) -> None:
        self._result = result

    def machine(self) -> Machine:
        return MACHINE

    def trial(self) -> Result:
        return self._result


def probe(reason: str, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Availability:
    monkeypatch.setattr(diagnosis, "_setting", lambda name: settings.get(name, ""))
    return diagnosis.probe(Trial(Result(Failed(reason))))


def test_working_driver_needs_no_remedy() -> None:
    assert diagnosis.probe(Trial(Result(Ended(0)))) == Availability(True)


def test_restricted_user_namespaces_of_ubuntu(monkeypatch: pytest.MonkeyPatch) -> None:
    state = probe(REFUSED, {"kernel/apparmor_restrict_unprivileged_userns": "1"}, monkeypatch)
    assert "uid map" in state.reason
    assert "apparmor_restrict_unprivileged_userns=0" in state.remedy


def test_forbidden_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    state = probe("unshare: No space left on device", {"user/max_user_namespaces": "0"}, monkeypatch)
    assert "max_user_namespaces" in state.remedy


def test_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "[Errno 28] No space left on device: '/cache/support'"
    state = probe(reason, {"kernel/apparmor_restrict_unprivileged_userns": "1"}, monkeypatch)
    assert "Make room there" in state.remedy
    assert "apparmor" not in state.remedy


def test_old_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert "5.12" in probe("taking /usr: Function not implemented", {}, monkeypatch).remedy


def test_every_failure_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert probe("something never seen", {}, monkeypatch).remedy


def test_missing_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_module, "which", lambda *arguments, **options: None)
    made = driver_module.create(Settings(state=tmp_path))
    state = made.probe()
    assert not state.works
    assert "apt install bubblewrap" in state.remedy
    with pytest.raises(SandboxUnavailableError):
        made.machine()


def test_what_is_missing_is_described() -> None:
    text = " ".join(diagnosis.describe(MACHINE, Parents()))
    assert "no aggregate memory limit" in text
    assert "cores is not limited" in text
