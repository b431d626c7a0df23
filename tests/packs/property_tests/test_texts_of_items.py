"""Items that cannot be written as Python are pinned by what they say of themselves."""

from .local import LocalContext, check

BASE = """class Piece:
    def __init__(self, text):
        self.text = [object(), text]

    def __str__(self):
        return self.text[1]


def pieces(text: str):
    for part in text.split(";"):
        yield Piece(part)
"""


def test_an_iterator_of_objects_without_equality_has_a_proof(tmp_path):
    head = BASE.replace('split(";")', 'split(";")[:1]')
    context = LocalContext(tmp_path, {"pieces.py": BASE}, {"pieces.py": head})
    check(context)
    assert [one.location.symbol for one in context.drafts] == ["pieces.pieces"]
    assert context.verdicts(context.drafts[0]) == (True, False)
    assert b"str(item) for item in" in next(iter(context.drafts[0].proof.files.values()))
