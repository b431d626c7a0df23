"""The tools as an assistant's client sees them, connected in memory and by pipes."""

import json
import subprocess
import sys

import anyio
import pytest
from mcp.shared.memory import create_connected_server_and_client_session

from harness.errors import UsageError
from harness.mcp.server import Session, Wanted, make_server
from harness.report.write import write_report
from tests.unit.report.samples import hostile, large, ordinary, report


def never(wanted):
    raise UsageError("There is no commit 'nowhere' in this repository; check the name, or fetch it.")


def call(session, *calls):
    """The results of tool calls, in order."""

    async def act():
        async with create_connected_server_and_client_session(make_server(session)) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(act)


def answer(session, name, **arguments):
    [result] = call(session, (name, arguments))
    assert not result.isError, result.content
    return result.structuredContent


def test_tools_say_that_they_only_read():
    async def act():
        async with create_connected_server_and_client_session(make_server(Session(never))) as client:
            return (await client.list_tools()).tools

    tools = anyio.run(act)
    assert [tool.name for tool in tools] == ["verify", "findings", "proof", "explain"]
    assert all(tool.annotations.readOnlyHint and tool.description for tool in tools)


def test_verify_keeps_the_report_for_the_other_tools():
    asked = []
    session = Session(lambda wanted: asked.append(wanted) or ordinary())
    results = call(session, ("verify", {"only": ["property_tests"], "budget_seconds": 30}), ("explain", {}))
    assert asked == [Wanted(None, True, ("property_tests",), 30.0)]
    assert results[0].structuredContent["outcome"] == "block"
    assert results[0].structuredContent["confirmed"] == 5
    assert results[1].structuredContent["decisions"][0]["rule"] == "confirmed-harm"


def test_findings_can_be_narrowed():
    session = Session(never, ordinary())
    every = answer(session, "findings")["findings"]
    assert len(every) == 6
    severe = answer(session, "findings", at_least="critical")["findings"]
    assert {one["id"] for one in severe} == {"F2", "F3"}
    assert [one["id"] for one in answer(session, "findings", category="exploit")["findings"]] == ["F2"]
    many = answer(Session(never, large(500)), "findings")
    assert (len(many["findings"]), many["left_out"]) == (100, 400)


def test_a_proof_holds_both_sides():
    found = answer(Session(never, ordinary()), "proof", finding_id="F1")
    assert (found["input"], found["base"], found["head"]) == (
        "billable_metres(930)", "returned 10", "returned 9",
    )  # fmt: skip
    assert found["replays"] == {"base": ["pass"] * 3, "head": ["fail"] * 3}


@pytest.mark.parametrize(
    ("session", "name", "arguments", "said"),
    [
        (Session(never), "findings", {}, "call verify first"),
        (Session(never), "verify", {"base": "nowhere"}, "There is no commit 'nowhere'"),
        (Session(never), "verify", {"budget_seconds": 0}, "between 1 and 86400"),
        (Session(never, report()), "proof", {"finding_id": "../F1"}, "has no finding '../F1'"),
    ],
)
def test_mistakes_are_sentences(session, name, arguments, said):
    [result] = call(session, (name, arguments))
    assert result.isError
    assert said in result.content[0].text


def test_no_control_sequence_of_the_change_comes_through():
    session = Session(never, hostile("\x1b[31mred\u202e\x00"))
    for result in call(session, ("findings", {}), ("proof", {"finding_id": "F1"}), ("explain", {})):
        text = json.dumps(result.structuredContent, ensure_ascii=False)
        assert not {"\x1b", "\u202e", "\x00"} & set(json.loads(json.dumps(text)))
        assert "\\\\x1b" in text


def test_over_pipes_only_the_protocol_is_printed(tmp_path):
    write_report(tmp_path / "report", ordinary())
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "verify", "arguments": {}}},
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "mcp", str(tmp_path), "--report", str(tmp_path / "report")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process:
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == 0
    assert [one["id"] for one in answers] == [1, 2]
    # The folder is no repository.
    assert answers[1]["result"]["isError"] is True
