"""What each format tells of ordinary, empty and large reports."""

import io
import json
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest

from harness.model.report import CheckResult, Figure
from harness.model.suppression import Expiry, Suppressed, Suppression
from harness.report import html, junit, markdown, sarif, terminal
from tests.unit.report import samples
from tests.unit.report.attacks import ATTACKS

# The official schema comes in no Python package; this subset is stricter where it applies.
OFFICIAL = Path(__file__).parent / "fixtures" / "sarif-2.1.0.schema.json"
SARIF = jsonschema.Draft4Validator(json.loads(OFFICIAL.read_text("utf-8")))
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>plan</text></svg>'


def junit_root(report):
    return ElementTree.fromstring(junit.render(report))


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestHtml:
    def test_tells_who_what_and_how_sure_first(self):
        page = html.render(samples.ordinary())
        order = ["Do not merge", "1 senior engineer", "terraform_data.bookings would be", "How sure we are",
                 "Not verified", 'id="behaviour"', 'id="infrastructure"', 'id="others"', 'id="tests"',
                 'id="risk">', 'id="provenance"']  # fmt: skip
        places = [page.index(text) for text in order]
        assert places == sorted(places)

    def test_shows_input_base_head_and_the_command(self):
        page = html.render(samples.ordinary())
        for text in (
            "billable_metres(930)",
            "returned 10",
            "returned 9",
            "harness reproduce harness-report F1",
        ):
            assert text in page
        assert "3 of 3 pass" in page

    def test_nothing_is_fetched_and_only_own_code_runs(self):
        page = html.render(samples.ordinary(), figures=[Figure("infra_plan", "The plan", SVG)])
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert not re.search(r'(?:src|href)="(?!#|data:image/svg|proofs/)', page)
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)

    def test_figure_of_a_finding_stands_with_it(self):
        figure = Figure("infra_plan", "The plan", SVG, "F3")
        page = html.render(samples.ordinary(), figures=[figure])
        assert (
            page.index('id="F3"')
            < page.index("data:image/svg")
            < page.index("Suggestion", page.index('id="F3"'))
        )

    def test_figure_of_an_absent_finding_is_still_shown(self):
        page = html.render(samples.report(), figures=[Figure("infra_plan", "The plan", SVG, "F9")])
        assert "data:image/svg" in page

    def test_diff_around_a_finding(self):
        diff = "@@ -13,2 +13,2 @@\n def f():\n-    return old_code\n+    return new_code\n"
        page = html.render(samples.ordinary(), diffs={"moorings/fees.py": diff})
        assert "old_code" in page
        assert '<tr class="added">' in page

    def test_500_findings_stay_under_two_megabytes(self):
        page = html.render(samples.large(500))
        assert page.count('<details class="finding') == 500
        assert len(page.encode()) < 2_000_000

    def test_long_values_in_many_findings_are_cut(self):
        proof = samples.Proof("confirmed", "x" * 50_000, "y" * 50_000, "z" * 50_000, samples.THRICE)
        page = html.render(samples.report([samples.finding(n, proof=proof) for n in range(1, 501)]))
        assert len(page.encode()) < 2_500_000
        assert "characters more" in page

    def test_the_least_of_thousands_are_named_but_not_shown(self):
        page = html.render(samples.large(1200))
        assert page.count('<details class="finding') == 1000
        assert "200 further findings" in page

    @pytest.mark.parametrize("outcome", ["pass", "review", "block", "inconclusive"])
    def test_every_outcome_has_its_words(self, outcome):
        page = html.render(samples.report(outcome=outcome))
        assert f'<body class="{outcome}">' in page

    def test_proof_files_are_linked(self):
        page = html.render(samples.ordinary(), proofs={"F1": ["test a.py"]})
        assert 'href="proofs/F1/test%20a.py"' in page


class TestMarkdown:
    def test_verdict_first_and_sticky_marker(self):
        lines = markdown.render(samples.ordinary()).split("\n")
        assert lines[0] == markdown.MARKER
        assert "Do not merge" in lines[1]

    @pytest.mark.parametrize("limit", [3_000, 8_000, 60_000])
    def test_whole_sections_are_left_out(self, limit):
        text = markdown.render(samples.large(500), limit)
        assert len(text) <= limit
        assert text.count("<details>") == text.count("</details>")
        assert text.count("```") % 2 == 0

    def test_short_differences_stand_in_the_table(self):
        rows = [
            line for line in markdown.render(samples.ordinary()).split("\n") if line.startswith("| ⛔ F1")
        ]
        assert "<br>`billable_metres(930)`: `returned 10` → `returned 9`" in rows[0]

    def test_long_attacks_keep_the_limit(self):
        for attack in ATTACKS:
            assert len(markdown.render(samples.hostile(attack * 200))) <= markdown.LIMIT

    def test_nothing_left_out_is_not_mentioned(self):
        assert "left out" not in markdown.render(samples.ordinary())
        assert "left out for length" in markdown.render(samples.large(500), 8_000)


class TestSarif:
    @pytest.mark.parametrize("make", [samples.report, samples.ordinary, samples.large])
    def test_valid(self, make):
        SARIF.validate(json.loads(sarif.render(make())))

    @pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
    def test_valid_with_hostile_text(self, attack):
        SARIF.validate(json.loads(sarif.render(samples.hostile(attack))))

    def test_each_result_points_to_its_rule_and_has_a_fingerprint(self):
        run = json.loads(sarif.render(samples.ordinary()))["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["partialFingerprints"]

    def test_failed_checks_are_notifications(self):
        broken = samples.report(
            checks=(CheckResult("exploits", "failed", "the guest died"),), outcome="inconclusive"
        )
        invocation = json.loads(sarif.render(broken))["runs"][0]["invocations"][0]
        assert invocation["executionSuccessful"] is False
        assert "the guest died" in invocation["toolExecutionNotifications"][0]["message"]["text"]

    def test_at_most_5000_results(self):
        run = json.loads(sarif.render(samples.large(5_100)))["runs"][0]
        assert len(run["results"]) == 5_000
        assert (
            "100 results left out"
            in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
        )


class TestJunit:
    def test_blocking_findings_are_failures_and_others_pass(self):
        root = junit_root(samples.ordinary())
        assert root.get("failures") == "4"
        assert {case.find("..") for case in root.iter("failure")}
        assert [
            case.get("name") for case in root.iter("testcase") if case.find("system-out") is not None
        ] == [
            "F5 free_berths returns a sorted list",
            "F6 An exception is swallowed",
        ]

    def test_checks_that_did_not_end(self):
        checks = (
            CheckResult("a", "failed", "boom"),
            CheckResult("b", "timed_out", "slow"),
            CheckResult("c", "skipped", "no"),
            CheckResult("d", "passed"),
        )
        root = junit_root(samples.report(checks=checks))
        assert (root.get("tests"), root.get("errors"), root.get("skipped")) == ("4", "2", "1")
        assert [suite.get("name") for suite in root] == ["a", "b", "c", "d"]

    def test_finding_of_an_unlisted_check_has_a_suite(self):
        root = junit_root(samples.report([samples.finding(check="other")], checks=()))
        assert [suite.get("name") for suite in root] == ["other"]


class TestTerminal:
    def test_story_in_about_thirty_lines(self):
        told = terminal.plain(samples.large(500), "harness-report")
        assert len(told.splitlines()) <= 36
        assert told.startswith("Do not merge.")
        assert "harness-report/report.html" in told

    def test_plain_in_a_pipe(self):
        stream = io.StringIO()
        terminal.print_story(samples.ordinary(), "out", stream)
        assert stream.getvalue() == terminal.plain(samples.ordinary(), "out")

    def test_colour_on_a_terminal_unless_no_color(self, monkeypatch):
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.delenv("NO_COLOR", raising=False)
        coloured, bare = Terminal(), Terminal()
        terminal.print_story(samples.ordinary(), "out", coloured)
        monkeypatch.setenv("NO_COLOR", "1")
        terminal.print_story(samples.ordinary(), "out", bare)
        assert "\x1b[1;31m" in coloured.getvalue()
        assert "\x1b[1;31m" not in bare.getvalue()
        assert "31m" not in bare.getvalue()

    def test_rich_markup_in_text_is_text(self, monkeypatch):
        monkeypatch.setenv("TERM", "xterm-256color")
        stream = Terminal()
        terminal.print_story(samples.hostile("[blink]x[/blink] :smile:"), "out", stream)
        assert "[blink]x[/blink] :smile:" in stream.getvalue()

    def test_a_stream_that_knows_only_ascii(self):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        terminal.print_story(samples.ordinary(), "out", stream)
        stream.flush()
        assert b"Do not merge" in stream.buffer.getvalue()


class TestSuppressed:
    """A finding that base accepts is told in every format, and counts in none."""

    def make(self):
        by = Suppression(
            rule="value-changed", until=date(2027, 1, 31), reason="agreed | with ann", source="moorings/fees.py:13",
            in_source=True,
        )  # fmt: skip
        old = Suppression(
            rule="py-x", until=date(2020, 1, 31), reason="old", source="harness.toml", in_source=False
        )
        one = Suppressed(finding=samples.finding(9), by=by)
        return msgspec.structs.replace(
            samples.report(), suppressed=(one,), expiries=(Expiry(suppression=old, days=-9),)
        )

    def test_in_sarif(self):
        [result] = json.loads(sarif.render(self.make()))["runs"][0]["results"]
        [suppression] = result["suppressions"]
        assert (suppression["kind"], suppression["status"]) == ("inSource", "accepted")
        assert "2027-01-31" in suppression["justification"]

    @pytest.mark.parametrize("render", [html.render, markdown.render])
    def test_for_people(self, render):
        text = render(self.make())
        for words in ("Suppressed on base", "2027-01-31", "agreed", "does not count any more", "2020-01-31"):
            assert words in text

    def test_in_the_terminal(self):
        text = terminal.plain(self.make(), "out")
        assert "1 finding that base accepts" in text
        assert "The suppression of py-x (harness.toml) does not count any more" in text
