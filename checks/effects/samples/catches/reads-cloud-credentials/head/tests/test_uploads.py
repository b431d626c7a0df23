import json

from shop.uploads import target


def test_target(tmp_path):
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"bucket": "b"}))
    assert target(str(file)) == "b"
