"""Reading hostile or binary input: HCL, addresses, plan files, MessagePack."""

import contextlib
import json
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.packs.two_trees import part

planfile = part("infra_plan", "guest.planfile")
messagepack = part("infra_plan", "guest.wire.messagepack")
protobuf = part("infra_plan", "guest.wire.protobuf")
synthesis = part("infra_plan", "guest.synthesis")
summary = part("infra_plan", "guest.summary")
locate = part("infra_plan", "locate")
hcl = part("infra_plan", "hcl")

KEYS = st.text(st.characters(codec="utf-8"), max_size=12)


def packed(value):
    """MessagePack of a JSON-like value, the forms that Terraform writes."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(packed, value))
    pairs = b"".join(packed(k) + packed(v) for k, v in value.items())
    return b"\xdf" + struct.pack(">I", len(value)) + pairs


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_messagepack_is_read_back(value):
    assert messagepack.unpack(packed(value)) == value


@given(VALUES)
def test_what_is_packed_is_unpacked(value):
    assert messagepack.unpack(messagepack.pack(value)) == value


@given(
    st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 2**63) | st.binary(max_size=300)), max_size=20)
)
def test_a_message_is_read_as_it_was_written(items):
    assert list(protobuf.fields(protobuf.encode(items))) == items


@given(st.binary(max_size=200))
def test_garbage_is_an_error_that_the_caller_expects(data):
    for reader in (messagepack.unpack, lambda data: list(protobuf.fields(data))):
        with contextlib.suppress(ValueError, IndexError, struct.error, TypeError, RecursionError):
            reader(data)


def test_unknown_values_and_a_file_that_is_no_plan(tmp_path):
    assert messagepack.unpack(b"\xd4\x00\x00") is messagepack.Unknown
    (tmp_path / "p").write_bytes(b"no zip")
    assert planfile.dynamic_types(str(tmp_path / "p")) == {}


@given(
    st.lists(
        st.tuples(st.sampled_from(["module.a", "x.y", "m-1"]), st.none() | st.integers(0, 9) | KEYS),
        min_size=1,
    )
)
def test_addresses_lose_their_indexes_and_nothing_else(steps):
    address = ".".join(name + ("" if key is None else f"[{json.dumps(key)}]") for name, key in steps)
    expected = ".".join(name for name, _ in steps)
    assert synthesis.without_indexes(address) == expected
    assert locate.bare(address) == expected


def without_nulls(value):
    """An argument that is null and one that is not given are the same to Terraform."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@given(VALUES, VALUES)
@example({"": None}, {})
@example({}, {"": None})
def test_leaves_name_exactly_the_differences(before, after):
    found = list(summary.leaves([], before, after, None))
    if before == after:
        assert not found
    elif without_nulls(before) != without_nulls(after):
        assert found
    for path, old, new, _ in found:
        assert summary.reach(before, path) == old
        assert summary.reach(after, path) == new


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = " + "[" * 500 + "]" * 500, "nested too deeply"),
        ("a = 1\n" * 200_000, "larger than"),
        ("resource {{{", "does not parse"),
        ("\x00\x01", "does not parse"),
    ],
)
def test_a_hostile_file_is_refused_in_words_and_the_others_are_read(text, why):
    parsed = hcl.parse({"bad": text, "good": 'resource "a" "b" {\n  x = 1\n}\n'})
    assert why in parsed.errors["bad"]
    assert parsed.files["good"][0].labels == ("a", "b")


def test_a_file_that_takes_too_long_ends_only_itself(monkeypatch):
    monkeypatch.setattr(hcl, "SECONDS", 4)
    slow = "a = <<" + "A" + "\n" * 300_000
    parsed = hcl.parse({"good": "x = 1\n", "slow": slow, "also": "y = 1\n"})
    assert set(parsed.files) == {"good", "also"}
    assert parsed.errors["slow"]
