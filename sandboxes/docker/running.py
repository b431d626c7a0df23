"""One started job: its stream and its end, after which its container is handed over for removal."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from harness.sandbox.interface import End, Ended, Failed, Job, Limited, LimitName, Result
from harness.sandbox.streams import Sink

from .closing import Closing
from .engine import EngineError, MissingError, told
from .output import Output
from .stream import Stream

if TYPE_CHECKING:
    from docker.api.client import APIClient

STOP_SECONDS = 5.0
"""Time that the supervisor gets to end a job from inside before the container is killed."""
_PAUSES = (0.0, 0.2, 1.0)  # an engine under load may find a folder of its own not yet empty
LATE_SECONDS = 15.0
"""Beyond the job's wall limit, which the supervisor keeps: then the container is killed."""


class DockerRunning:
    """See ``harness.sandbox.interface.Running``; also hands output on as it arrives."""

    def __init__(
        self, client: "APIClient", container: str, attached: Any, marker: bytes, job: Job, slack: float,
        release: Callable[["DockerRunning"], None],
    ) -> None:  # fmt: skip
        self.container = container
        self._client = client
        self._job = job
        self._release = release
        self._output = Output(job.limits.output_bytes)
        self._stream = Stream(attached, marker, job.limits, self._output)
        self._began = time.monotonic()
        self._deadline = self._began + job.limits.wall_seconds + LATE_SECONDS + slack
        self._stopping: float | None = None
        self._ended_by: LimitName | None = None
        self._killed = False
        self._result: Result | None = None
        self._finishing = threading.Lock()
        self._pump = threading.Thread(target=self._read, name="docker-sandbox", daemon=True)
        self._feeder = threading.Thread(target=self._feed, name="docker-sandbox-input", daemon=True)

    def begin(self) -> None:
        """Read from now on, and feed the job's input; the container has been started."""
        self._pump.start()
        if self._job.stdin:
            self._feeder.start()

    def abandon(self) -> None:
        """Let go of the connection to a container that could not be started."""
        self._stream.close()

    def send(self, data: bytes) -> None:
        """Write to the job's standard input."""
        self._stream.send(data, self._job.limits.wall_seconds)

    def close_stdin(self) -> None:
        """End of input for the job, after what was given with it."""
        while self._feeder.is_alive():
            self._feeder.join(0.5)
        self._stream.end_input()

    def read_line(self, timeout: float | None = None) -> bytes | None:
        """The next line of standard output."""
        return self._output.line(timeout)

    def follow(self, sink: Sink, source: int | None = None) -> Result:
        """Like ``wait``, with output given to ``sink`` as it arrives, and input from ``source``."""
        self._output.hand_on(sink)
        if source is None:
            return self.wait()
        threading.Thread(target=self._stream.copy_input, args=(source,), daemon=True).start()
        return self._await()

    def kill(self) -> None:
        """Kill everything inside at once."""
        if not self._killed and self._result is None:
            self._killed = True
            threading.Thread(target=self._kill_container, name="docker-sandbox-kill", daemon=True).start()

    def wait(self) -> Result:
        """Wait for the end, give the container away, say how it ended. Ends the job's input."""
        if self._job.interactive and self._result is None:
            self.close_stdin()
        return self._await()

    def _await(self) -> Result:
        while self._pump.is_alive():
            self._pump.join(0.5)  # a join without timeout cannot be interrupted by Ctrl-C
        with self._finishing:
            if self._result is None:
                self._result = self._finish()
                self._release(self)
        return self._result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()

    def _feed(self) -> None:
        self._stream.send(self._job.stdin, self._job.limits.wall_seconds)
        if not self._job.interactive:
            self._stream.end_input()

    def _read(self) -> None:
        try:
            self._stream.pump(self._look)
        finally:
            self._output.end()

    def _look(self) -> bool:
        """Enforce what is enforced from outside; False when there is nothing more to wait for."""
        now = time.monotonic()
        if self._killed:
            return True
        if self._stopping is not None:
            if now > self._stopping:
                self.kill()
        elif self._output.flooded:
            self._ended_by = "output"
            self._stop(now)
        elif now > self._deadline:
            self._ended_by = "wall"
            self.kill()
        return True

    def _stop(self, now: float) -> None:
        self._stopping = now + STOP_SECONDS
        # In a thread: the stream has to be drained while the engine delivers the signal.
        threading.Thread(target=self._signal, args=(signal.SIGTERM,), daemon=True).start()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(EngineError), told():
            self._client.kill(self.container, signal=number)

    def _kill_container(self) -> None:
        self._signal(signal.SIGKILL)
        self._pump.join(STOP_SECONDS)
        # An engine that does not end the stream of a killed container must not hold us.
        self._stream.close()

    def _finish(self) -> Result:
        seconds = time.monotonic() - self._began
        closing = self._stream.reader.closing if self._stream.reader.complete else None
        end = self._end(closing)
        self._stream.close()
        stdout, stderr = self._output.contents()
        if closing is None:
            return Result(end, stdout, stderr, seconds=seconds)
        harvest = self._stream.reader.harvest()
        return Result(
            end, stdout, stderr, harvest.files, harvest.left_out, closing.seconds, closing.cpu_seconds,
            closing.peak_memory_bytes,
        )  # fmt: skip

    def _end(self, closing: Closing | None) -> End:
        if self._ended_by is not None:
            return Limited(self._ended_by)
        if closing is not None:
            return told_end(closing, self._job.limits.cpu_seconds)
        if self._killed:
            return Ended(-signal.SIGKILL)
        return self._unexplained()

    def _unexplained(self) -> End:
        """The end of a container whose supervisor said nothing."""
        try:
            with told():
                state: dict[str, Any] = self._client.inspect_container(self.container)["State"]
        except EngineError as error:
            return Failed(f"the container was lost: {error}")
        if state.get("Running"):
            return Failed(self._stream.broken or "the engine closed the connection to the running container")
        if state.get("OOMKilled"):
            return Limited("memory")
        if state.get("ExitCode") == 128 + signal.SIGKILL:
            # A job can bring down the first process by exhausting what they share.
            return Ended(-signal.SIGKILL)
        reason = state.get("Error") or self._stream.broken or f"exit status {state.get('ExitCode')}"
        stderr = self._output.contents()[1][-400:].decode("utf-8", "replace").strip()
        return Failed(f"the sandbox's first process ended early: {reason} {stderr}".strip())


def told_end(closing: Closing, cpu_seconds: float) -> End:
    """How a job ended, by what the supervisor tells."""
    if closing.setup:
        return Failed(closing.setup)
    if closing.limit == "wall" or closing.limit == "cpu":
        return Limited(closing.limit)
    status = closing.status
    if status is None:
        return Failed("the sandbox was told to stop by somebody else")
    if closing.memory_kills and status != 0:
        return Limited("memory")
    # A shell tells the death of its command as a status of its own.
    fatal = -status if status < 0 else status - 128
    spent = closing.cpu_seconds >= 0.8 * cpu_seconds  # the kernel counts both in ticks, each in its way
    if status == -signal.SIGXCPU or (spent and fatal in (signal.SIGXCPU, signal.SIGKILL)):
        return Limited("cpu")
    if fatal == signal.SIGXFSZ:
        return Limited("disk")
    return Ended(status)


def remove(client: "APIClient", container: str) -> str:
    """Remove a container whatever it does; a sentence when it could not be removed."""
    problem = ""
    for pause in _PAUSES:
        time.sleep(pause)
        try:
            with told():
                client.remove_container(container, force=True, v=True)
        except MissingError:
            return ""
        except EngineError as error:
            if "already in progress" in str(error):
                return ""
            problem = f"the container {container[:12]} could not be removed: {error}"
        else:
            return ""
    return problem
