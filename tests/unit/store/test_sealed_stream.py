import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrun.store.sealed_stream import (
    TAG_BYTES,
    BrokenStreamError,
    ChunkReader,
    ChunkWriter,
    sealed_size,
)

CHUNK = 8
SECRET = b"s" * 32
HOW: dict[str, Any] = {"salt": b"a" * 32, "prefix": b"p" * 7, "chunk": CHUNK, "bound": b"header"}


def sealed(body: bytes, **changes: Any) -> bytes:
    out = io.BytesIO()
    writer = ChunkWriter(out, SECRET, **HOW | changes)
    for start in range(0, len(body), 5):
        writer.write(body[start : start + 5])
    writer.close()
    return out.getvalue()


def opened(stream: bytes, size: int, secret: bytes = SECRET, **changes: Any) -> bytes:
    reader = ChunkReader(io.BytesIO(stream), secret, **HOW | changes)
    body = reader.read(size)
    if not reader.at_end():
        raise BrokenStreamError
    return body


@given(st.binary(max_size=5 * CHUNK))
def test_what_was_sealed_comes_back(body: bytes) -> None:
    stream = sealed(body)
    assert opened(stream, len(body)) == body
    assert len(stream) == sealed_size(len(body), CHUNK)


@given(st.data())
def test_chunks_cannot_be_dropped_swapped_repeated_or_cut(data: st.DataObject) -> None:
    body = data.draw(st.binary(min_size=2 * CHUNK + 1, max_size=5 * CHUNK))
    stream = sealed(body)
    step = CHUNK + TAG_BYTES
    chunks = [stream[at : at + step] for at in range(0, len(stream), step)]
    changed = data.draw(
        st.lists(st.sampled_from(chunks), max_size=len(chunks) + 2).filter(
            lambda some: b"".join(some) != stream
        )
    )
    with pytest.raises(BrokenStreamError):
        opened(b"".join(changed), len(body))


def test_a_stream_cut_at_a_chunk_has_no_end() -> None:
    stream = sealed(b"x" * 3 * CHUNK)
    reader = ChunkReader(io.BytesIO(stream[: 2 * (CHUNK + TAG_BYTES)]), SECRET, **HOW)
    assert reader.read(CHUNK) == b"x" * CHUNK
    with pytest.raises(BrokenStreamError):
        reader.read(CHUNK)


def test_bytes_after_the_end_are_noticed() -> None:
    with pytest.raises(BrokenStreamError):
        opened(sealed(b"x" * CHUNK) + b"more", CHUNK)


def test_a_stream_with_more_in_it_than_was_read_is_not_at_its_end() -> None:
    reader = ChunkReader(io.BytesIO(sealed(b"x" * 3 * CHUNK)), SECRET, **HOW)
    reader.read(CHUNK)
    assert not reader.at_end()


@pytest.mark.parametrize(
    "changes", [{"bound": b"other"}, {"salt": b"b" * 32}, {"prefix": b"q" * 7}, {"chunk": 4}]
)
def test_a_stream_opens_only_with_what_it_is_bound_to(changes: dict[str, Any]) -> None:
    with pytest.raises(BrokenStreamError):
        opened(sealed(b"hidden tests"), 12, **changes)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(BrokenStreamError):
        opened(sealed(b"hidden tests"), 12, secret=b"t" * 32)
