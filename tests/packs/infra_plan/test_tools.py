import os
import subprocess
import sys
from pathlib import Path

from checks.infra_plan.tools import find_mirrors

ROOT = Path(__file__).resolve().parents[3]


def test_mirrors_of_the_settings_and_of_the_user_are_found_once(tmp_path: Path) -> None:
    for name in ("given", "cache", "mirror"):
        (tmp_path / name).mkdir()
    rc = tmp_path / "rc"
    rc.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path}/mirror"\n  }}\n}}\n'
    )
    environ = {"TF_PLUGIN_CACHE_DIR": f"{tmp_path}/cache", "TF_CLI_CONFIG_FILE": str(rc)}
    found = find_mirrors({"mirror": [f"{tmp_path}/given", f"{tmp_path}/given", f"{tmp_path}/none"]}, environ)
    ours = [path for path in found if path.is_relative_to(tmp_path)]
    assert ours == [tmp_path / "given", tmp_path / "cache", tmp_path / "mirror"]


def test_a_configuration_that_may_not_be_read_is_passed_over(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "rc").write_text("")
    closed.chmod(0)
    code = (
        "from pathlib import Path; from checks.infra_plan.tools import find_mirrors\n"
        f"print(find_mirrors({{'mirror': '{closed}/x'}}, {{'TF_CLI_CONFIG_FILE': '{closed}/rc', 'HOME': '/'}}))"
    )
    command = [sys.executable, "-c", code]
    if os.geteuid() == 0:  # root may read everything, so the question is asked without that right
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *command]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        closed.chmod(0o700)
    assert done.returncode == 0, done.stderr
