"""Dependencies of a project, set up in real sandboxes."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.check.interface import Side
from harness.config.setup import SetupConfig
from harness.model.snapshot import Entry, Snapshot
from harness.replay import setup as setting_up
from harness.replay.setup import SetUp, set_up
from harness.sandbox.interface import Driver, Ended, Job, Settings
from harness.sandbox.proxy import ConnectProxy
from harness.sandbox.registry import load
from tests.unit.sandbox.test_proxy import registry

COPY = "mkdir -p /deps/lib && cp lock.txt /deps/lib/lock && ln -s lock /deps/lib/link"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
        pytest.param("docker", marks=pytest.mark.docker),
    ],
)
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    made = load(request.param, Settings(state=tmp_path_factory.mktemp("state")))
    state = made.probe()
    if not state.works:
        pytest.skip(f"no {request.param} sandbox here: {state.reason} {state.remedy}")
    yield made
    made.shutdown()


def snapshot(folder: Path, **files: str) -> Snapshot:
    folder.mkdir()
    folder.chmod(0o755)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    return Snapshot(digest, folder, tuple(Entry(f"{name}.txt", "file") for name in files))


def both(tmp_path: Path) -> dict[Side, Snapshot]:
    return {
        Side.BASE: snapshot(tmp_path / "base", lock="one", other="a"),
        Side.HEAD: snapshot(tmp_path / "head", lock="two", other="b"),
    }


def run(driver: Driver, tmp_path: Path, trees: dict[Side, Snapshot], *commands: str, **fields: Any) -> SetUp:
    return set_up(SetupConfig(commands, **fields), trees, driver, tmp_path / "state", lambda text: None)


def test_each_side_gets_its_own_read_only_layer(driver: Driver, tmp_path: Path) -> None:
    done = run(driver, tmp_path, both(tmp_path), COPY)
    assert done.results == ()
    for side, wanted in ((Side.BASE, b"one"), (Side.HEAD, b"two")):
        look = "cat /deps/lib/link; echo x > /deps/lib/lock || echo x > /deps/new || printf :no"
        result = driver.run(Job(["sh", "-c", look], deps=done.layers[side]))
        assert (result.end, result.stdout) == (Ended(0), wanted + b":no")
        assert (done.layers[side] / "lib/lock").read_bytes() == wanted


def test_layers_are_kept_by_what_the_commands_see(driver: Driver, tmp_path: Path) -> None:
    trees = both(tmp_path)
    first = run(driver, tmp_path, trees, COPY, lock_files=("lock.txt",))
    (trees[Side.HEAD].path / "other.txt").write_text("changed")
    assert run(driver, tmp_path, trees, COPY, lock_files=("lock.txt",)).layers == first.layers
    (trees[Side.HEAD].path / "lock.txt").write_text("changed")
    again = run(driver, tmp_path, trees, COPY, lock_files=("lock.txt",)).layers
    assert again[Side.BASE] == first.layers[Side.BASE]
    assert again[Side.HEAD] != first.layers[Side.HEAD]


def test_equal_sides_share_no_layer(driver: Driver, tmp_path: Path) -> None:
    tree = snapshot(tmp_path / "tree", lock="same")
    layers = run(driver, tmp_path, {Side.BASE: tree, Side.HEAD: tree}, COPY).layers
    assert layers[Side.BASE] != layers[Side.HEAD]


def test_commands_see_the_lock_files_only_and_no_host(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://token@registry.test")
    look = "{ ls -A; env; cat /proc/net/dev /root/* /home/*/*; ls /in; } > /deps/seen 2>/dev/null; true"
    done = run(driver, tmp_path, both(tmp_path), look, lock_files=("lock.txt",))
    seen = (done.layers[Side.BASE] / "seen").read_text()
    assert "lock.txt" in seen
    assert not any(word in seen for word in ("other.txt", "token", "eth0", "proxy"))


def test_the_interpreter_of_the_layer_is_the_one_of_jobs(driver: Driver, tmp_path: Path) -> None:
    command = (
        "mkdir /deps/bin; cd /deps/bin; printf '#!/bin/sh\\necho own \"$@\"\\n' > python; chmod +x python"
    )
    done = run(driver, tmp_path, both(tmp_path), command)
    result = driver.run(Job(["{python}", "-V"], deps=done.layers[Side.HEAD]))
    assert result.stdout == b"own -V\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("echo broken >&2; exit 3", "status 3"),
        ("true", "left nothing"),
        ("mkfifo /deps/x; exec kill -9 $PPID", ""),
    ],
)
def test_a_side_that_fails_leaves_both_without(
    driver: Driver, tmp_path: Path, command: str, said: str
) -> None:
    done = run(driver, tmp_path, both(tmp_path), f"if grep -q two lock.txt; then {command}; else {COPY}; fi")
    assert done.layers == {}
    [result] = done.results
    assert result.status == "failed"
    assert "of head could not be set up" in result.reason
    assert said in result.reason


def vendored(folder: Path, version: str) -> Snapshot:
    """A tree with a wheel in vendor/ and the requirement of it."""
    wheel = f"vendor/tiny-{version}-py3-none-any.whl"
    (folder / "vendor").mkdir(parents=True)
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(folder / wheel, "w") as packed:
        packed.writestr("tiny.py", f"VERSION = '{version}'\n")
        packed.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    (folder / "requirements.txt").write_text(f"tiny=={version}\n")
    digest = hashlib.sha256(version.encode()).hexdigest()
    return Snapshot(digest, folder, (Entry("requirements.txt", "file"), Entry(wheel, "file")))


def test_the_documented_commands_install_vendored_packages(driver: Driver, tmp_path: Path) -> None:
    page = Path("docs/configuration.md").read_text()
    [command] = [line.strip() for line in page.splitlines() if "--find-links vendor" in line]
    trees = {Side.BASE: vendored(tmp_path / "base", "1.0"), Side.HEAD: vendored(tmp_path / "head", "1.1")}
    done = run(driver, tmp_path, trees, command, lock_files=("requirements.txt", "vendor/**"))
    assert done.results == ()
    for side, version in ((Side.BASE, b"1.0\n"), (Side.HEAD, b"1.1\n")):
        result = driver.run(
            Job(["{python}", "-c", "import tiny; print(tiny.VERSION)"], deps=done.layers[side])
        )
        assert (result.end, result.stdout) == (Ended(0), version), result.stderr


def test_without_a_matching_lock_file_there_is_no_layer(driver: Driver, tmp_path: Path) -> None:
    done = run(driver, tmp_path, both(tmp_path), COPY, lock_files=("poetry.lock",))
    assert "no file matches" in done.results[0].reason


CALL = """
import os, socket, sys
def ask(line):
    host, port = os.environ["HTTPS_PROXY"][7:].split(":")
    client = socket.create_connection((host, int(port)), 20)
    client.sendall(line + b"\\r\\n\\r\\n")
    return client, client.recv(1000)
client, first = ask(b"CONNECT registry.test:443 HTTP/1.1")
client.sendall(b"wheel")
second = client.recv(100)
_, third = ask(b"CONNECT elsewhere.test:443 HTTP/1.1")
open("/deps/told", "wb").write(first[:12] + second + third[:12])
"""


def test_registries_are_reached_through_the_proxy_only(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry() as port:

        def proxy(allowed: set[tuple[str, int]]) -> ConnectProxy:
            return ConnectProxy(
                allowed, find=lambda host, number: [("127.0.0.1", port)], accept=lambda address: True
            )

        monkeypatch.setattr(setting_up, "ConnectProxy", proxy)
        done = run(
            driver, tmp_path, both(tmp_path), f"python3 -c '{CALL}'", network="registries", allow=("registry.test:443",)
        )  # fmt: skip
    assert done.results == ()
    assert (done.layers[Side.BASE] / "told").read_bytes() == b"HTTP/1.1 200WHEELHTTP/1.1 403"
