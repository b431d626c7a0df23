"""The driver of a run whose sandboxes are elsewhere: it says what they are and starts none."""

from collections.abc import Sequence

from harness.cluster.messages import Hello
from harness.sandbox.failed import NotStarted
from harness.sandbox.interface import Availability, Job, Result, Running


class DistantDriver:
    """Implements Driver for the report: name, isolation and interpreter are those of the workers."""

    def __init__(self, hello: Hello) -> None:
        self._hello = hello
        self.name = hello.driver

    def probe(self) -> Availability:
        """See Driver.probe."""
        return Availability(True)

    def describe(self) -> Sequence[str]:
        """See Driver.describe."""
        return [*self._hello.isolation, "run by the workers of a cluster"]

    def identity(self) -> str | None:
        """What is inside the workers' sandboxes."""
        return self._hello.identity or None

    def python_version(self) -> tuple[int, int]:
        """See Driver.python_version."""
        return self._hello.python

    def image(self) -> str | None:
        """See Driver.image."""
        return self._hello.image

    def start(self, job: Job) -> Running:
        """No sandbox is started here."""
        return NotStarted("sandboxes of this run are on the workers of a cluster")

    def run(self, job: Job) -> Result:
        """See Driver.run."""
        with self.start(job) as running:
            return running.wait()

    def shutdown(self) -> None:
        """See Driver.shutdown."""

    def clean(self) -> Sequence[str]:
        """See Driver.clean."""
        return ()
