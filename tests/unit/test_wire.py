import struct
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun import wire

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=200)
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_went(value: Any) -> None:
    assert wire.from_bytes(wire.to_bytes(value)) == value


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.zeros((0, 4)),
        np.array([True, False]),
        np.array(["a", "bb"]),
        np.array(["2020-01-01"], dtype="datetime64[s]"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.float32(2.5),
        np.array(7),
    ],
)
def test_arrays_keep_dtype_shape_and_values(array: Any) -> None:
    found = wire.from_bytes(wire.to_bytes(array))
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert (found == array).all()


def test_text_columns_keep_missing_values() -> None:
    found = wire.from_bytes(wire.to_bytes(np.array(["a", None, "é", "a"], dtype=object)))
    assert found.tolist() == ["a", None, "é", "a"]


def test_a_table_comes_back_column_for_column() -> None:
    table = pd.DataFrame({"n": [1, 2], "x": [0.5, np.nan], "s": ["a", None], "b": [True, False]})
    pd.testing.assert_frame_equal(wire.from_bytes(wire.to_bytes(table)), table)


def test_long_bytes_travel_outside_the_head() -> None:
    body = b"x" * (8 << 20)  # more than a head may hold
    assert wire.from_bytes(wire.to_bytes({"model": body})) == {"model": body}


class Impostor:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "value",
    [
        Impostor(),
        {(1, 2): 3},
        np.array([object()]),
        np.array([(1, 2)], dtype=[("a", int), ("b", int)]),
        10**5000,
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        np.array(["a", 1.5], dtype=object),
    ],
    ids=["object", "tuple key", "objects", "structure", "huge", "twins", "mixed column"],
)
def test_what_is_not_a_plain_value_is_not_sent(value: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.to_bytes(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("half \ud800", "text that holds half a character"),
        ({"\udcff": 1}, "text that holds half a character"),
        (np.array([["a", None], ["b", "c"]], dtype=object), "an object array of 2 dimensions"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "two columns have one name"),
        (pd.DataFrame([[1, 2]], columns=["1", 1]), "two columns have one name"),
        (pd.Series(["a", 1]), "a column that holds a int among its text"),
    ],
)
def test_what_would_not_come_back_as_it_went_is_refused_in_words(value: Any, said: str) -> None:
    with pytest.raises(wire.WireError, match=said):
        wire.to_bytes(value)


def test_numbers_of_pandas_that_may_be_missing_arrive_as_floats() -> None:
    table = pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64")})
    found = wire.from_bytes(wire.to_bytes(table))["n"]
    assert found.dtype == np.float64
    assert found.tolist()[::2] == [1.0, 3.0]
    assert np.isnan(found[1])


@pytest.mark.parametrize("digits", [b"9" * 5000, b"1e9", b"0x10", b""])
def test_a_number_that_is_none_or_endless_is_a_wire_error(digits: bytes) -> None:
    head = msgpack.packb(msgpack.ExtType(wire.BIG_INT, digits))
    body = wire.HEADER.pack(len(head), 0, 0) + head
    with pytest.raises(wire.WireError):
        wire.from_bytes(body)


def test_endless_nesting_is_not_sent() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(wire.WireError, match="nested deeper"):
        wire.to_bytes(ring)


def frame(head: bytes, *buffers: bytes) -> bytes:
    sizes = [len(each) for each in buffers]
    prefix = wire.HEADER.pack(len(head), len(sizes), len(head) + sum(sizes))
    return prefix + struct.pack(f"!{len(sizes)}Q", *sizes) + head + b"".join(buffers)


def extension(code: int, value: Any) -> bytes:
    return bytes(msgpack.packb(msgpack.ExtType(code, msgpack.packb(value))))


@pytest.mark.parametrize(
    "body",
    [
        frame(extension(wire.ARRAY, ["|O", [1], 0]), b"12345678"),
        frame(extension(wire.ARRAY, ["<f8", [2], 0]), b"12345678"),
        frame(extension(wire.ARRAY, ["<f8", [-1], 0]), b"12345678"),
        frame(extension(wire.ARRAY, ["<f8", [1], 3]), b"12345678"),
        frame(extension(wire.ARRAY, ["<f8", [1 << 50], 0]), b"12345678"),
        frame(extension(wire.ARRAY, "nonsense")),
        frame(extension(wire.TEXT, [0, 1, 2]), b"\5\0\0\0", b"\1" + b"\0" * 7, b"a"),
        frame(extension(wire.TEXT, [0, 1, 2]), b"\0\0\0\0", b"\2" + b"\0" * 7, b"a"),
        frame(extension(wire.TABLE, [2, [["a", [1]]]])),
        frame(extension(wire.REMOTE, [1, "x"])),
        frame(extension(99, 1)),
        frame(b"\xc1"),
        frame(b""),
        frame(msgpack.packb(1)) + b"more",
        frame(b"\xdd\xff\xff\xff\xff"),
        wire.HEADER.pack(1 << 31, 0, 1 << 31),
        wire.HEADER.pack(1, 1 << 20, 1),
        b"random bytes that are no frame",
        b"",
    ],
)
def test_whatever_else_arrives_is_a_wire_error(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.from_bytes(body)


@given(st.binary(max_size=300))
def test_random_bytes_never_do_anything_but_fail(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.from_bytes(frame(b"\xc1" + body))


@given(st.data())
def test_a_changed_byte_gives_a_value_or_a_wire_error_and_nothing_else(data: Any) -> None:
    body = bytearray(
        wire.to_bytes({"a": np.arange(3), "s": np.array(["x", None], object), "t": (1,)})
    )
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    try:
        wire.from_bytes(bytes(body))
    except wire.WireError:
        return


def test_deeply_nested_extensions_are_refused() -> None:
    inner = msgpack.packb(1)
    for _ in range(100):
        inner = msgpack.packb(msgpack.ExtType(wire.TUPLE, msgpack.packb([1]) if _ == 0 else inner))
    with pytest.raises(wire.WireError):
        wire.from_bytes(frame(inner))
