"""Local servers that answer as GitHub's and GitLab's documentation says, and fail on demand."""

import base64
import gzip
import json
import re
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from harness.publish.http import Host

TOKEN = "token-that-nobody-may-see"
REPOSITORY, NUMBER = "moor/ings", 7


class FakeHost:
    """Comments, pull requests, check runs and uploads in memory; ``failures`` are used up in order.

    A failure is (method, pattern of the path, status, headers, body); status 0 cuts the connection
    before anything is done, -1 after it was done.
    """

    def __init__(self, head):
        self.head = head
        self.comments, self.checks, self.uploads, self.statuses, self.files = [], [], [], [], []
        self.failures, self.requests, self.waits = [], [], []
        self.pull = {"number": NUMBER, "state": "open", "head": {"sha": head}, "user": {"login": "opener"}}
        self.request = {"iid": NUMBER, "sha": head, "author": {"username": "opener"}}
        self.reviews, self.members, self.approved = [], {}, []
        self.approval_rules = {"reset_approvals_on_push": True}

    def fail(self, method, pattern, status, times=1, headers=None, body=None):
        self.failures += [(method, pattern, status, headers or {}, body or {"message": "no"})] * times

    def failure(self, method, path):
        for index, failure in enumerate(self.failures):
            if failure[0] == method and re.search(failure[1], path):
                return self.failures.pop(index)
        return None

    def answer(self, method, path, query, body):
        routes = {
            r"GET /repos/moor/ings/pulls": lambda _: (200, [self.pull]),
            r"GET /repos/moor/ings/pulls/(\d+)": lambda _: (200, self.pull),
            r"GET /repos/moor/ings/pulls/(\d+)/files": lambda _: (200, self._page(self.files, query)),
            r"GET /repos/moor/ings/issues/7/comments": lambda _: (200, self._page(self.comments, query)),
            r"POST /repos/moor/ings/issues/7/comments": lambda _: (
                201,
                self._add(body, "github-actions[bot]"),
            ),
            r"PATCH /repos/moor/ings/issues/comments/(\d+)": lambda found: self._edit(found, body),
            r"POST /repos/moor/ings/check-runs": lambda _: (201, self.checks.append(body)),
            r"POST /repos/moor/ings/code-scanning/sarifs": lambda _: (202, self.uploads.append(body)),
            r"GET /repos/moor/ings/pulls/7/reviews": lambda _: (200, self._page(self.reviews, query)),
            r"GET /orgs/moor/teams/(\w+)/memberships/([\w-]+)": lambda found: self._membership(
                *found.groups()
            ),
            r"GET /projects/5/approvals": lambda _: (200, self.approval_rules),
            r"GET /projects/5/merge_requests/7/approvals": lambda _: (
                200,
                {"approved_by": [{"user": {"username": name}} for name in self.approved]},
            ),
            r"GET /groups/moor%2F(\w+)/members/all": lambda found: (
                200,
                self._page([{"username": name} for name in self.members.get(found[1], ())], query),
            ),
            r"GET /user": lambda _: (200, {"id": 1}),
            r"GET /projects/5/merge_requests/7": lambda _: (200, self.request),
            r"GET /projects/5/merge_requests/7/notes": lambda _: (200, self._page(self.comments, query)),
            r"POST /projects/5/merge_requests/7/notes": lambda _: (201, self._add(body, "bot")),
            r"PUT /projects/5/merge_requests/7/notes/(\d+)": lambda found: self._edit(found, body),
            r"POST /projects/5/statuses/(\w+)": lambda _: (201, self.statuses.append(body)),
        }
        for route, act in routes.items():
            found = re.fullmatch(route, f"{method} {path}")
            if found:
                return act(found)
        return 404, {"message": "Not Found"}

    def _membership(self, team, person):
        if person in self.members.get(team, ()):
            return 200, {"state": "active", "role": "member"}
        return 404, {"message": "Not Found"}

    def _page(self, items, query):
        size, page = int(query["per_page"][0]), int(query["page"][0])
        return items[size * (page - 1) : size * page]

    def _add(self, body, login, identity=1):
        comment = {"id": len(self.comments) + 1, "user": {"login": login}, "author": {"id": identity}, **body}
        self.comments.append(comment)
        return comment

    def _edit(self, found, body):
        for comment in self.comments:
            if comment["id"] == int(found[1]):
                comment.update(body)
                return 200, comment
        return 404, {"message": "Not Found"}

    def host(self, name="GitHub"):
        header = {"Authorization": f"Bearer {TOKEN}"} if name == "GitHub" else {"PRIVATE-TOKEN": TOKEN}
        token_name = "GITHUB_TOKEN" if name == "GitHub" else "GITLAB_TOKEN"
        return Host(name, self.base, header, TOKEN, token_name, sleep=self.waits.append, now=lambda: 1000.0)

    def sarif(self):
        return json.loads(gzip.decompress(base64.b64decode(self.uploads[-1]["sarif"])))


@contextmanager
def serving(fake):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if content else None
            fake.requests.append((self.command, parts.path, parse_qs(parts.query), body, dict(self.headers)))
            failure = fake.failure(self.command, parts.path)
            if failure and failure[2] == 0:
                return self.cut()
            if failure and failure[2] > 0:
                return self.reply(failure[2], failure[4], failure[3])
            status, answer = fake.answer(self.command, parts.path, parse_qs(parts.query), body)
            if failure:
                return self.cut()
            return self.reply(status, answer, {})

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815

        def cut(self):
            self.close_connection = True
            self.connection.close()

        def reply(self, status, body, headers):
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            pass

        def finish(self):
            with suppress(OSError, ValueError):
                super().finish()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
