"""Whatever a change writes, each format keeps the structure that harmless text gives it."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from harness.report import html, junit, markdown, sarif, terminal
from tests.unit.report import samples
from tests.unit.report.attacks import ATTACKS, hostile_text

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Outline(HTMLParser):
    """Tags with their attributes' names in order, and the values of what could act."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen = []
        self.links = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, *sorted(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag):
        self.seen.append(("/" + tag,))

    def handle_comment(self, data):
        self.seen.append(("comment", data))

    def handle_decl(self, decl):
        self.seen.append(("declaration", decl))


def outline(page):
    parser = Outline()
    parser.feed(page)
    return parser


def markdown_outline(text):
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    flat = [inner for token in tokens for inner in [token, *(token.children or ())]]
    quiet = {"text", "text_special", "code_inline", "fence", "inline", "softbreak"}
    return [(token.type, token.tag, "" if token.type in quiet else token.content) for token in flat
            if token.type not in ("text", "text_special")]  # fmt: skip


def without_code(seen):
    """Bare code elements left out: a pair of backticks in a message makes one, and nothing else."""
    return [tag for tag in seen if tag not in (("code",), ("/code",))]


def check_html(text):
    rendered = html.render(samples.hostile(text))
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", rendered
    )
    page = outline(rendered)
    assert without_code(page.seen) == without_code(outline(html.render(samples.hostile("plain"))).seen)
    assert all(re.match(r"#|proofs/|data:image/svg", link) for link in page.links)


def check_markdown(text):
    def structure(content):
        # Titles of folded parts are HTML blocks of ours that hold escaped text.
        found = markdown_outline(markdown.render(samples.hostile(content)))
        return [(kind, tag, re.sub(r"(</summary>).*|(?<=<summary>).*?(?=</summary>)", r"\1", body, flags=re.S))
                for kind, tag, body in found]  # fmt: skip

    # As long as the text: what is short enough stands in the table too.
    assert structure(text) == structure("p" * len(text))


def check_junit(text):
    def structure(content):
        root = ElementTree.fromstring(junit.render(samples.hostile(content)))
        return [(element.tag, tuple(element.attrib)) for element in root.iter()]

    assert structure(text) == structure("plain")


def check_sarif(text):
    run = json.loads(sarif.render(samples.hostile(text)))["runs"][0]
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9_.~%/-]+", uri) and not uri.startswith("/") for uri in uris)
    assert not re.search(r"(?<!\\)(?:\\\\)*\[", run["results"][0]["message"]["text"])


def check_terminal(text):
    told = terminal.plain(samples.hostile(text), "out")
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*", told)
    assert not re.search(r"^\s*::|##\[|##vso\[", told, re.MULTILINE)
    # Long values take base and head apart, one line more a finding; no text adds lines of its own.
    assert told.count("\n") <= terminal.plain(samples.hostile("plain"), "out").count("\n") + 1


CHECKS = [check_html, check_markdown, check_junit, check_sarif, check_terminal]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_known_attack(check, attack):
    check(attack)


@pytest.mark.parametrize("check", CHECKS)
@few
@given(text=hostile_text)
def test_any_text(check, text):
    check(text)
