"""Small changes in both directions, replayed in real sandboxes: base, head, and what must be said."""

from pathlib import Path

import pytest

from harness.check.expectations import Case, Sample
from harness.replay.prepare import state_folder
from harness.replay.samples import verify_sample
from harness.sandbox.interface import Settings
from harness.sandbox.registry import choose
from tests.packs.small_context import pack_of

pytestmark = pytest.mark.bubblewrap
TEST = "from app.jobs import run\n\n\ndef test_run():\n    run('a')\n"
BASE = "def run(name):\n    return name.upper()\n"
SPAWNS = "import subprocess\n\n\ndef run(name):\n    return subprocess.run(['true', name], check=True).returncode\n"
FOUND = {
    "network_in_function": (
        "import socket\n\n\ndef run(name):\n    try:\n"
        "        socket.create_connection(('203.0.113.7', 443), timeout=1)\n"
        "    except OSError:\n        pass\n    return name.upper()\n",
        [("network-destination", "203.0.113.7", "app.jobs.run", "medium")],
    ),
    "process_at_import": (
        "import os\n\nos.system('id > /dev/null')\n\n\ndef run(name):\n    return name.upper()\n",
        [("process", "id", "app.jobs", "high")],
    ),
    "ssh_key_in_function": (
        "import pathlib\n\n\ndef run(name):\n    key = pathlib.Path('~/.ssh/id_ed25519').expanduser()\n"
        "    try:\n        return key.read_text()\n    except OSError:\n        return name.upper()\n",
        [("credentials-read", "~/.ssh/id_ed25519", "app.jobs.run", "high")],
    ),
    "token_of_the_platform": (
        "import os\n\n\ndef run(name):\n    return name.upper() + os.environ.get('GITHUB_TOKEN', '')\n",
        [("environment", "GITHUB_TOKEN", "app.jobs.run", "medium")],
    ),
    "setting_is_only_told": (
        "import os\n\n\ndef run(name):\n    return name.upper() + os.environ.get('SHOP_SUFFIX', '')\n",
        [("environment", "SHOP_SUFFIX", "app.jobs.run", "info")],
    ),
    "in_a_python_process_below": (
        "import subprocess\nimport sys\n\n\ndef run(name):\n"
        "    return subprocess.run([sys.executable, '-m', 'app.tool']).returncode\n",
        [
            ("network-destination", "collect.example.net", "app.tool", "high"),
            ("process", "python", "app.jobs.run", "medium"),
        ],
    ),
}  # fmt: skip
CLEAN = {
    "only_code": "def run(name):\n    return name.swapcase().upper()\n",
    "files_of_the_tree_and_temporary_ones": (
        "import json\nimport pathlib\nimport tempfile\n\n\ndef run(name):\n"
        "    pathlib.Path(__file__).with_name('cache.json').write_text(json.dumps(name))\n"
        "    with tempfile.TemporaryDirectory() as folder:\n        (pathlib.Path(folder) / 'x').write_text(name)\n"
        "    return name.upper()\n"
    ),
    "loopback_server": (
        "import socket\n\n\ndef run(name):\n    with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "        socket.create_connection(server.getsockname()).close()\n    return name.upper()\n"
    ),
    "zones_locale_and_types": (
        "import locale\nimport mimetypes\nimport os\nimport sqlite3\nimport time\nimport zoneinfo\n\n\n"
        "def run(name):\n    locale.getlocale()\n    mimetypes.guess_type(name)\n    time.tzset()\n"
        "    sqlite3.connect(':memory:').close()\n"
        "    zoneinfo.ZoneInfo('Asia/Tokyo')\n    os.environ.get('LANG')\n    return name.upper()\n"
    ),
    "threads_and_hashes": (
        "import concurrent.futures\nimport hashlib\nimport secrets\n\n\ndef run(name):\n"
        "    with concurrent.futures.ThreadPoolExecutor(2) as pool:\n        list(pool.map(hashlib.sha256, [b'a']))\n"
        "    return name.upper() + secrets.token_hex(0)\n"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def driver():
    return choose("bubblewrap", Settings(state=state_folder()))


def effects(folder: Path, driver, head, base=BASE, head_test=TEST):
    for side, code, test in (("base", base, TEST), ("head", head, head_test)):
        files = {
            "app/__init__.py": "",
            "app/jobs.py": code,
            "tests/test_jobs.py": test,
            "app/tool.py": TOOL[side],
        }
        for path, text in files.items():
            place = folder / "s" / side / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    sample = Sample(folder / "s", Case("t", "m"), catches=True)
    report = verify_sample(sample, pack_of("effects"), driver, state_folder())
    assert [one.status for one in report.checks] in (["findings"], ["passed"])
    assert all(one.proof.status == "confirmed" for one in report.findings)
    return sorted(
        (one.rule, one.title.split()[-1], one.location.symbol, one.severity) for one in report.findings
    )


TOOL = {
    "base": "import sys\n",
    "head": "import socket\n\nif __name__ == '__main__':\n    try:\n"
    "        socket.getaddrinfo('collect.example.net', 443)\n    except OSError:\n        pass\n",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_head_newly_does_is_confirmed(name, tmp_path, driver):
    head, expected = FOUND[name]
    assert effects(tmp_path, driver, head) == sorted(expected)


@pytest.mark.parametrize("name", CLEAN)
def test_ordinary_code_is_silent(name, tmp_path, driver):
    assert effects(tmp_path, driver, CLEAN[name]) == []


def test_what_base_does_already_is_silent(tmp_path, driver):
    edited = SPAWNS.replace("(name):", "(name, more=''):").replace("name]", "name + more]")
    assert effects(tmp_path, driver, edited, base=SPAWNS) == []


def test_a_new_test_of_old_code_is_no_new_effect(tmp_path, driver):
    old = SPAWNS + "\n\ndef hidden():\n    return subprocess.run(['false']).returncode\n"
    test = (
        TEST.replace("import run", "import hidden, run")
        + "\n\ndef test_hidden():\n    assert hidden() == 1\n"
    )
    assert effects(tmp_path, driver, old + "\nVALUE = 1\n", base=old, head_test=test) == []
