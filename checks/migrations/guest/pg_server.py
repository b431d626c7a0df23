"""A disposable PostgreSQL server inside the sandbox, spoken to with its own client."""

import glob
import os
import shutil
import subprocess
import time
from typing import List, Optional, Sequence, Tuple

PLACE = "/tmp/pg"
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)
START_SECONDS = 40
QUERY_SECONDS = 25
MAX_OUTPUT = 8 << 20


class SqlError(Exception):
    """A statement failed: its index among those that were given, SQLSTATE, and the server's words."""

    def __init__(self, index: int, state: str, text: str) -> None:
        super().__init__(text)
        self.index = index
        self.state = state


def binaries() -> Optional[str]:
    """The folder of the newest server's programs, None when there is no server here."""
    found = [folder for pattern in FOLDERS for folder in glob.glob(pattern)]
    whole = [
        f
        for f in found
        if all(os.access(os.path.join(f, n), os.X_OK) for n in ("initdb", "postgres", "psql"))
    ]
    if whole:
        return max(whole, key=lambda folder: [int(part) for part in folder.split("/") if part.isdecimal()])
    program = shutil.which("postgres")
    folder = os.path.dirname(os.path.realpath(program)) if program else ""
    return folder if folder and os.access(os.path.join(folder, "initdb"), os.X_OK) else None


class Server:
    """A server with one database, ``app``. ``start`` it, then use it as a context manager."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __enter__(self) -> "Server":
        return self

    def start(self) -> "Server":
        """Make the data folder, start the server, wait until it answers. Raises SqlError."""
        os.makedirs(PLACE, exist_ok=True)
        data = os.path.join(PLACE, "data")
        self._run(
            [
                self._program("initdb"),
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                "app",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ]
        )
        with open(os.path.join(PLACE, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [
                    self._program("postgres"),
                    "-D",
                    data,
                    "-k",
                    PLACE,
                    "-c",
                    "listen_addresses=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "shared_buffers=16MB",
                    "-c",
                    "max_connections=10",
                    "-c",
                    "autovacuum=off",
                    "-c",
                    "timezone=UTC",
                    "-c",
                    "statement_timeout=15s",
                    "-c",
                    "full_page_writes=off",
                    "-c",
                    "max_parallel_workers=0",
                ],
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run(["SELECT 1"], database="postgres")
                break
            except SqlError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
        self.run(["CREATE DATABASE app"], database="postgres")
        return self

    def reset(self) -> None:
        """An empty database in the place of the old one."""
        self.run(["DROP DATABASE app"], database="postgres")
        self.run(["CREATE DATABASE app"], database="postgres")

    def __exit__(self, *ignored: object) -> None:
        self.process.kill()
        self.process.wait()

    def _program(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _run(self, argv: List[str]) -> None:
        done = subprocess.run(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=START_SECONDS
        )
        if done.returncode:
            raise SqlError(0, "", done.stdout.decode(errors="replace")[-300:])

    def run(self, statements: Sequence[str], database: str = "app", together: bool = False) -> List[str]:
        """Output lines of the statements. ``together``: in one transaction that is rolled back at the end.

        Raises SqlError at the first that fails. Meta-commands of the client are not obeyed: statements
        that begin with a backslash are refused.
        """
        parts = ["\\set ON_ERROR_STOP 1", "\\set VERBOSITY verbose", *(["BEGIN;"] if together else [])]
        for index, statement in enumerate(statements):
            parts += ["\\echo @@%d" % index, _safe(statement).rstrip().rstrip(";") + "\n;"]
        parts += ["ROLLBACK;"] if together else []
        argv = [self._program("psql"), "-X", "-q", "-A", "-t", "-h", PLACE, "-U", "app", "-d", database]
        try:
            done = subprocess.run(
                argv,
                input="\n".join(parts).encode("utf-8", "replace"),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                check=False,
                timeout=QUERY_SECONDS,
                env={"PATH": os.environ.get("PATH", ""), "PGOPTIONS": ""},
            )
        except subprocess.TimeoutExpired:
            raise SqlError(0, "", "it took longer than %d seconds" % QUERY_SECONDS)
        lines = done.stdout[:MAX_OUTPUT].decode("utf-8", "replace").splitlines()
        if done.returncode:
            last = [int(line[2:]) for line in lines if line.startswith("@@") and line[2:].isdecimal()]
            state, text = _error(done.stderr.decode("utf-8", "replace"))
            raise SqlError(last[-1] if last else 0, state, text)
        return [line for line in lines if not line.startswith("@@")]


def _safe(statement: str) -> str:
    """Lines that the client would take for its own commands (``\\!`` runs programs) become comments."""
    return "\n".join(
        "--" + line if line.lstrip().startswith("\\") else line for line in statement.split("\n")
    )


def _error(text: str) -> Tuple[str, str]:
    for line in text.splitlines():
        _, mark, rest = line.partition("ERROR:  ")
        if mark:
            state, _, words = rest.partition(": ")
            return state, words
    return "", text.strip()[-300:]
