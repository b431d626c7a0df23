"""Objects that head makes otherwise, though everything that was given to them is the same."""

import pytest

from .local import compared

CLIENT = """from logging import getLogger


class Client:
    def __init__(self, host: str, debug: str = ""):
        self.host = host
        self.debug = debug not in ("", "0")
        self._seen = []
        self.log = getLogger("client")

    def address(self) -> str:
        return self.host + ("?debug" if self.debug else "")
"""


def test_an_attribute_with_another_value_is_proved(tmp_path):
    context = compared(tmp_path, CLIENT, CLIENT.replace('("", "0")', '("",)'))
    (draft,) = context.drafts
    assert draft.title == "Client() makes an object with another content"
    assert draft.proof.input == "Client('', debug='0')"
    proof = next(iter(draft.proof.files.values())).decode()
    assert "assert result.debug == False" in proof
    assert ".host" not in proof
    assert context.verdicts(draft) == (True, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self._seen = []", "self._seen = set()"),
        ('self.log = getLogger("client")', "self.log = getLogger(__name__)"),
        ("self._seen = []", "self._seen = []\n        self.retries = 3"),
        ('debug not in ("", "0")', 'not (debug == "" or debug == "0")'),
    ],
    ids=["a private attribute", "another logger", "one more attribute", "the same, said otherwise"],
)
def test_what_nobody_could_read_before_is_no_difference(tmp_path, old, new):
    assert compared(tmp_path, CLIENT, CLIENT.replace(old, new)).drafts == []
