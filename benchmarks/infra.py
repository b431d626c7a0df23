"""The whole infrastructure check against a plain `terraform plan` of head, side by side.

    python benchmarks/infra.py MIRROR

MIRROR is a filesystem mirror with the AWS provider. The fixture needs no network: its provider
block skips what would ask for it, so that the plain plan works here at all. Printed are wall
times and their ratio. The whole check is measured, its proofs (three fresh replays a side) included:
for the first time, for the same change again, and for another change on the same base.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.packs.infra_plan.aws_changes import HARM

OFFLINE = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}
"""
ROUNDS = 2


def main() -> None:
    mirror = Path(sys.argv[1]).resolve()
    names = (
        "key of a table",
        "database public",
        "volume in another zone",
        "zone's name",
        "deletion protection off",
    )
    base = OFFLINE + "".join(HARM[name][0] for name in names)
    head = OFFLINE + "".join(HARM[name][1] for name in names)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        config = place / "rc"
        config.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        env = {**os.environ, "TF_CLI_CONFIG_FILE": str(config), "XDG_CACHE_HOME": str(place / "cache"),
               "CHECKPOINT_DISABLE": "1"}  # fmt: skip
        repository(place / "repo", base, head)
        plain, first, second, other = [], [], [], []
        for number in range(ROUNDS):
            plain.append(timed(lambda n=number: plan(place / f"plain{n}", head, env)))
            cache = {**env, "XDG_CACHE_HOME": str(place / f"cache{number}")}
            first.append(timed(lambda c=cache: verify(place, c)))
            second.append(timed(lambda c=cache: verify(place, c)))
            repository(place / f"other{number}", base, head.replace("eu-west-1b", "eu-west-1c"))
            other.append(timed(lambda c=cache, n=number: verify(place, c, f"other{n}")))
            print(
                f"plain {plain[-1]:6.1f} s   first {first[-1]:6.1f} s   second {second[-1]:6.1f} s   "
                f"another change on this base {other[-1]:6.1f} s",
                flush=True,
            )
        for name, times in (("first", first), ("second", second), ("base's", other)):
            print(f"{name} run: {min(times) / min(plain):.2f} times a plain plan (fastest of {ROUNDS})")


def timed(work) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def repository(place: Path, base: str, head: str) -> None:
    (place / "infra").mkdir(parents=True)
    git = ["git", "-C", str(place), "-c", "user.name=b", "-c", "user.email=b@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for text in (base, head):
        (place / "infra" / "main.tf").write_text(text)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "change"], check=True)


def plan(place: Path, head: str, env: dict[str, str]) -> None:
    place.mkdir()
    (place / "main.tf").write_text(head)
    for command in (
        ["init", "-input=false"],
        ["plan", "-refresh=false", "-input=false", "-out=p"],
        ["show", "-json", "p"],
    ):
        subprocess.run(["terraform", *command], cwd=place, env=env, check=True, capture_output=True)


def verify(place: Path, env: dict[str, str], name: str = "repo") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness", "verify", str(place / name), "--base", "HEAD~1", "--only", "infra_plan",
         "--sandbox", "bubblewrap", "--out", str(place / "report"), "-q"],
        env=env, check=False,
    )  # fmt: skip
    assert done.returncode == 1, "the check was expected to block"


if __name__ == "__main__":
    main()
