"""Requests to a host's API: retries where they help, and a sentence for each way to fail.

Waits follow ``Retry-After`` (seconds or a date), else ``x-ratelimit-reset`` and GitLab's
``ratelimit-reset`` (seconds since 1970), else 1, 2, 4 … seconds.
"""

import email.utils
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from harness.publish.interface import CutError, PublishError, text_at
from harness.report.escape import terminal_text

ATTEMPTS = 5
MAX_WAIT = 120.0  # seconds, of one wait: longer ones are for a later run
MAX_ANSWER = 16 << 20
MAX_PAGES, PAGE = 30, 100
_TIMEOUT = 30.0


@dataclass(frozen=True)
class Answer:
    """A host's answer; ``body`` is decoded JSON, None when it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Host:
    """Where requests go. ``token`` travels in ``headers`` and stands in no error."""

    name: str
    base: str
    headers: Mapping[str, str]
    token: str
    token_name: str
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


@dataclass(frozen=True)
class Asked:
    """What a request is for, in the words of its errors, and the right that it needs."""

    what: str
    right: str


class RefusedError(PublishError):
    """An answer that trying again does not change; ``status`` is its HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Client:
    """Sends requests to one host, one at a time. Raises PublishError only."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._httpx = _import_httpx()
        _check_base(host)
        self._client = self._httpx.Client(
            headers={"User-Agent": "change-harness", **host.headers}, timeout=_TIMEOUT, follow_redirects=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(
        self, method: str, path: str, asked: Asked, body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None, *, repeatable: bool = True,
    ) -> Answer:  # fmt: skip
        """The answer to a request, tried again where that can help.

        With ``repeatable`` false (what would then exist twice), a cut connection or a failing
        host raises CutError at once; a limit on requests is still waited for.
        """
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                answer = self._once(method, path, body, query)
            except self._httpx.InvalidURL:
                raise PublishError(_bad_address(self._host)) from None
            except self._httpx.RequestError as problem:
                if last or not repeatable:
                    raise CutError(self._cut(asked, attempt, type(problem).__name__)) from None
                self._host.sleep(2.0 ** (attempt - 1))
                continue
            if answer.status < 300:
                return answer
            self._wait_or_raise(answer, asked, attempt, repeatable)
        raise AssertionError("the last attempt returns or raises")

    def pages(self, path: str, asked: Asked, query: Mapping[str, str | int] | None = None) -> Iterator[Any]:
        """The entries of a list that comes in pages, ``MAX_PAGES`` times ``PAGE`` of them at most."""
        for page in range(1, MAX_PAGES + 1):
            wanted = {"per_page": PAGE, "page": page, **(query or {})}
            body = self.send("GET", path, asked, query=wanted).body
            if not isinstance(body, list):
                raise PublishError(
                    f"{self._host.name} did not {asked.what} in the form that it documents; run this again."
                )
            yield from body
            if len(body) < PAGE:
                return

    def pause(self, attempt: int) -> None:
        """Wait before attempt number ``attempt`` + 1 of something that a caller repeats."""
        self._host.sleep(2.0 ** (attempt - 1))

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int] | None
    ) -> Answer:
        url = self._host.base.rstrip("/") + path
        with self._client.stream(method, url, json=body, params=query) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise PublishError(f"{self._host.name} answers with more than 16 MiB; that is no API.")
            return Answer(response.status_code, response.headers, _decoded(bytes(content)))

    def _wait_or_raise(self, answer: Answer, asked: Asked, attempt: int, repeatable: bool) -> None:
        limited = is_limited(answer)
        if not limited and answer.status < 500:
            raise RefusedError(answer.status, self._refusal(answer, asked))
        if not limited and not repeatable:
            raise CutError(self._failing(answer, asked, attempt))
        wait = wait_seconds(answer, attempt, self._host.now())
        if attempt == ATTEMPTS or wait > MAX_WAIT:
            text = self._limit(asked, wait) if limited else self._failing(answer, asked, attempt)
            raise PublishError(text) if limited else CutError(text)
        self._host.sleep(wait)

    def _limit(self, asked: Asked, wait: float) -> str:
        return (
            f"{self._host.name} limits requests (429) and did not {asked.what}; run this again "
            f"in {max(1, round(wait))} seconds."
        )

    def _failing(self, answer: Answer, asked: Asked, attempts: int) -> str:
        return (
            f"{self._host.name} failed ({answer.status}{_tried(attempts)}) and did not {asked.what}; "
            "look at its status page and run this again."
        )

    def _cut(self, asked: Asked, attempts: int, problem: str) -> str:
        return (
            f"The connection to {self._host.name} broke ({problem}{_tried(attempts)}) and it did not "
            f"{asked.what}; check the network and the proxy of this job and run this again."
        )

    def _refusal(self, answer: Answer, asked: Asked) -> str:
        host, status, needs = self._host, answer.status, f"The token needs {asked.right}"
        said = self._said(answer)
        advice = {
            401: f"{host.token_name} is no valid token of this host or has expired; give a new one.",
            403: f"{needs}. A run for a fork may only read: publish from the second stage (docs/ci.md).",
            404: f"The repository, the number or the commit is not there, or the token may not see it. {needs}.",
            409: "Another run writes the same thing; run this again when it has ended.",
            410: "It is switched off for this repository; leave this part out with --skip.",
            413: "It is too large; leave this part out with --skip.",
            422: "It is too long or not as the host wants it; the report folder holds the whole of it.",
        }.get(status, "Check the repository and the address of the API, and run this again.")
        if 300 <= status < 400:
            advice = "The repository has moved; name its new place in the environment of this job."
        return f"{host.name} did not {asked.what} ({status}{said}). {advice}"

    def _said(self, answer: Answer) -> str:
        body = answer.body if isinstance(answer.body, dict) else {}
        message = body.get("message", body.get("error", ""))
        text = message if isinstance(message, str) else json.dumps(message)
        shown = terminal_text(text.replace(self._host.token, "…"), 160)
        return f": {shown}" if shown else ""


def is_limited(answer: Answer) -> bool:
    """Whether the host limits requests. GitHub says so by 429, or by 403 with these signs."""
    if answer.status == 429:
        return True
    spent = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    return answer.status == 403 and (spent or _is_secondary(answer))


def _is_secondary(answer: Answer) -> bool:
    """GitHub's limit on bursts, of which only the message may tell; it asks for a minute then."""
    return "secondary rate limit" in text_at(answer.body, "message").lower()


def wait_seconds(answer: Answer, attempt: int, now: float) -> float:
    """How long to wait before the next attempt, in seconds; never below 0."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        return float(asked[:9])
    if asked:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - now)
        except ValueError:
            return 2.0 ** (attempt - 1)
    reset = answer.headers.get("x-ratelimit-reset") or answer.headers.get("ratelimit-reset") or ""
    if is_limited(answer) and reset.isascii() and reset.isdecimal():
        return max(1.0, float(reset[:12]) - now)
    if is_limited(answer) and _is_secondary(answer):
        return 60.0
    return 2.0 ** (attempt - 1)


def _tried(attempts: int) -> str:
    return f", tried {attempts} times" if attempts > 1 else ""


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _check_base(host: Host) -> None:
    """A token never travels unencrypted, except on this machine."""
    try:
        parts = urlsplit(host.base)
        name, _port = parts.hostname or "", parts.port
    except ValueError:
        raise PublishError(_bad_address(host)) from None
    local = name in ("127.0.0.1", "localhost", "::1")
    sound = re.fullmatch(r"[A-Za-z0-9.:_-]+", name)
    if not sound or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise PublishError(_bad_address(host))
    if not host.token.isascii() or not host.token.isprintable() or not host.token.strip():
        raise PublishError(
            f"No token for {host.name}: set {host.token_name} for this step; docs/ci.md lists its rights."
        )


def _bad_address(host: Host) -> str:
    return (
        f"The address of {host.name}'s API is no address that begins with https:// and keeps the token secret; "
        "correct GITHUB_API_URL or CI_API_V4_URL."
    )


def _import_httpx() -> ModuleType:
    try:
        import httpx
    except ImportError:
        raise PublishError("Publishing needs httpx: pip install 'change-harness[ci]'.") from None
    return httpx
