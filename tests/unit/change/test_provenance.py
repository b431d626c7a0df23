import pytest

from harness.change.provenance import assess
from harness.model.change import Commit


def commit(message: str = "Fix", author: str = "Sam Rivera", email: str = "sam@example.org") -> Commit:
    return Commit("1a2b3c4" + "0" * 33, author, email, email, 0, message)


@pytest.mark.parametrize(
    ("message", "tool"),
    [
        ("x\n\nCo-Authored-By: Claude <noreply@anthropic.com>", "claude"),
        ("x\n\nCo-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>", "copilot"),
        ("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", "cursor"),
        ("x\n\nCo-authored-by: Codex <noreply@openai.com>", "codex"),
        ("x\n\nAssisted-by: Gemini Code Assist", "gemini"),
        ("x\n\nGenerated with Kiro\nCo-authored-by: Kiro <noreply@kiro.dev>", "kiro"),
        ("x\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)", "claude"),
        ("x\n\nGenerated-by: Amazon Q Developer", "amazon-q"),
        ("x\n\nCo-authored-by: aider (gpt-4o) <noreply@aider.chat>", "aider"),
        (
            "x\n\nCo-authored-by: Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>",
            "devin",
        ),
        ("x\n\nCo-authored-by: Windsurf <noreply@windsurf.com>", "windsurf"),
        ("x\n\nGenerated-by: some tool", "unnamed"),
    ],
)
def test_trailers(message: str, tool: str) -> None:
    found = assess([commit(message)], {})
    assert found.assisted
    assert found.tools == (tool,)
    assert found.evidence[0].endswith("in 1a2b3c4")


@pytest.mark.parametrize(
    ("author", "email", "tool"),
    [
        ("google-labs-jules[bot]", "161369871+google-labs-jules[bot]@users.noreply.github.com", "jules"),
        ("devin-ai-integration[bot]", "x@users.noreply.github.com", "devin"),
        ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com", "copilot"),
    ],
)
def test_bot_authors(author: str, email: str, tool: str) -> None:
    assert assess([commit(author=author, email=email)], {}).tools == (tool,)


@pytest.mark.parametrize(
    "message",
    [
        "Move the cursor to the end of the line",
        "Fix the Gemini constellation chart",
        "Co-authored-by: Ana Cursorio <ana@example.org>",
        "Explain how claude was removed from the docs",
        "Let jules.verne be found\n\nCo-authored-by: Jules Verne <jules@example.org>",
        "Co-authored-by: Devin Booker <devin@example.org>",
        "",
    ],
)
def test_people_and_prose_are_no_assistants(message: str) -> None:
    assert not assess([commit(message)], {}).assisted


def test_further_tools_by_policy() -> None:
    found = assess([commit("x\n\nAssisted-by: acme-coder 2")], {"acme": [r"\bacme-coder\b"]})
    assert found.tools == ("acme",)
