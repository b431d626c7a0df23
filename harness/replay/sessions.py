"""Probes in sandboxes: one-shot runs and sessions that are spoken with."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.check.interface import GUEST_LIBRARY, Message, Probe, Reply, Side
from harness.check.loader import Pack
from harness.model.snapshot import Snapshot
from harness.replay.protocol import Decoder, encode, envelope
from harness.sandbox.interface import Driver, Failed, Job, Limits, Result, Running

END_SECONDS = 5.0
"""How long a guest may live on once its output has ended."""
START = "/guest/guestlib/start.py"


def make_job(
    pack: Pack, side: Side, probe: Probe, trees: Mapping[Side, Snapshot], limits: Limits, interactive: bool,
    deps: Path | None = None,
) -> Job:  # fmt: skip
    """The job of a probe; ``deps`` is its side's layer of dependencies.

    Raises ValueError for a probe that a pack made wrongly.
    """
    if bool(probe.entry) == bool(probe.command):
        raise ValueError("a probe has either an entry or a command")
    guest = {"guestlib": GUEST_LIBRARY}
    if pack.guest:
        guest["pack"] = pack.guest
    mounts = dict(probe.mounts) | {one.value: trees[one].path for one in probe.also}
    argv: list[str] = list(probe.command)
    stdin = b""
    if probe.entry:
        if pack.guest is None or not (pack.guest / probe.entry).is_file():
            raise ValueError(f"the pack {pack.id} has no guest/{probe.entry}")
        argv = ["{python}", "-I", "-B", "-X", "utf8", START, probe.entry]
        stdin = envelope(side, probe.request)
    return Job(
        argv=argv,
        tree=trees[side].path if probe.tree else None,
        guest=guest,
        files=probe.files,
        mounts=mounts,
        tools=probe.tools,
        deps=deps,
        env=probe.env,
        stdin=stdin,
        interactive=interactive,
        limits=limits,
        label=f"{pack.id}:{side.value}:{probe.label or probe.entry or 'command'}",
    )


def run_once(driver: Driver, job: Job) -> Reply:
    """Run a job to its end and decode what its guest sent."""
    return _reply(driver.run(job), Decoder(), raw=not _speaks(job))


def _speaks(job: Job) -> bool:
    return START in job.argv


def _reply(result: Result, decoder: Decoder, raw: bool) -> Reply:
    if not raw:
        for line in result.stdout.split(b"\n"):
            decoder.feed(line)
    return Reply(
        end=result.end,
        messages=tuple(decoder.messages),
        stdout=result.stdout if raw else b"",
        stderr=result.stderr.decode("utf-8", "replace")[-100_000:],
        files=result.files,
        malformed=decoder.malformed,
        seconds=result.seconds,
        closed=decoder.closed,
    )


class LiveSession:
    """A session over a running job.

    ``release`` gives its sandbox slot back; ``failed`` is told the reason when the sandbox itself
    failed, unless that was because the session was given up from here.
    """

    def __init__(
        self,
        running: Running,
        release: Callable[[], None],
        failed: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._running = running
        self._release = release
        self._failed = failed
        self._given_up = False
        self._decoder = Decoder()
        self._dead = self._silent = False
        self._reply: Reply | None = None

    def ask(self, message: Mapping[str, Any], timeout: float) -> Message | None:
        self.tell(message)
        return self.hear(timeout)

    def tell(self, message: Mapping[str, Any]) -> None:
        if not self._dead:
            self._running.send(encode(message))

    def hear(self, timeout: float) -> Message | None:
        deadline = time.monotonic() + timeout
        while not self._dead:
            line = self._running.read_line(max(0.0, deadline - time.monotonic()))
            if not line:  # None: nothing in time; b"": the end of the output
                self._dead, self._silent = True, line is None
                break
            message = self._decoder.feed(line)
            # A session's messages are used as they come; keeping them would grow without end.
            self._decoder.messages.clear()
            if message is not None:
                return message
        return None

    def end(self) -> Reply:
        if self._reply is None:
            self._running.close_stdin()
            try:
                self._reply = self._ended()
            finally:
                self._dead = True
                self._release()
            if isinstance(self._reply.end, Failed) and not self._given_up:
                self._failed(self._reply.end.reason)
        return self._reply

    def _ended(self) -> Reply:
        """The end of the job. One that gave no answer in time is given up; one whose output has ended
        is about to end, and by itself: only then its end tells whether the sandbox failed."""
        if not self._dead or self._decoder.closed:
            return _reply(self._running.wait(), self._decoder, raw=False)
        if self._silent:
            self._give_up()
        timer = threading.Timer(END_SECONDS, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return _reply(self._running.wait(), self._decoder, raw=False)
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._given_up = True
        self._running.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reply is None:
            if not self._dead:
                self._give_up()
            self.end()
