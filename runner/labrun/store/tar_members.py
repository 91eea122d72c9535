"""Read the members of a tar archive, plain or gzipped, strictly and in one pass.

After POSIX.1-2017, pax, "ustar interchange format" and "pax header block"; GNU long names.
`tarfile` guesses where this refuses: it follows overridden and negative sizes.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from labrun.errors import SubmissionError
from labrun.store.archive_members import (
    MAX_MEMBERS,
    MAX_UNPACKED,
    Kind,
    Member,
    quoted,
    refused,
)

GZIP = b"\x1f\x8b"

_BLOCK = 512
_MAX_HEADERS = 3 * MAX_MEMBERS  # a member may have two extension headers
_MAX_EXTENSION = 1_000_000
_USTAR = b"ustar\0"
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_GZIP_STREAM = 31  # zlib: a gzip header and trailer are wanted
_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"5": Kind.FOLDER,
    b"1": Kind.LINK,
    b"2": Kind.LINK,
    b"3": Kind.SPECIAL,
    b"4": Kind.SPECIAL,
    b"6": Kind.SPECIAL,
}
_DAMAGED = "is damaged or cut off: not a whole tar archive"


class _BadHeaderError(Exception):
    """A header says what no archiver writes."""


@dataclass(frozen=True)
class _Header:
    name: str
    type: bytes
    size: int


def tar_members(body: bytes, where: str) -> Iterator[Member]:
    """Yield the members in order; the archive must be whole, and end where it says."""
    tar = _gunzipped(body, where) if body.startswith(GZIP) else body
    if len(tar) > MAX_UNPACKED:
        raise _too_large(where)
    try:
        yield from _members(memoryview(tar), where)
    except _BadHeaderError:
        raise refused(where, _DAMAGED) from None


def _gunzipped(body: bytes, where: str) -> bytes:
    stream = zlib.decompressobj(_GZIP_STREAM)
    try:
        tar = stream.decompress(body, MAX_UNPACKED + 1)
    except zlib.error:
        raise refused(where, "is damaged: its gzip stream cannot be read") from None
    if len(tar) > MAX_UNPACKED:
        raise _too_large(where)
    if not stream.eof:
        raise refused(where, "is cut off: its gzip stream does not end")
    if stream.unused_data.strip(b"\0"):
        raise refused(where, "holds something after its end")
    return tar


def _too_large(where: str) -> SubmissionError:
    what = f"unpacks to more than {MAX_UNPACKED / 1e6:g} MB"
    return refused(where, what, "pack only what the lab asks for")


def _members(tar: memoryview, where: str) -> Iterator[Member]:
    at, headers, longer = 0, 0, dict[str, str]()
    while header := _header(tar, at):
        headers += 1
        if headers > _MAX_HEADERS:
            raise refused(where, f"holds more than {MAX_MEMBERS:,} entries")
        start, at = at + _BLOCK, at + _BLOCK + -(-header.size // _BLOCK) * _BLOCK
        if at > len(tar):
            raise _BadHeaderError
        data = tar[start : start + header.size]
        if header.type in (b"x", b"g", b"L", b"K"):
            longer |= _extension(header.type, data)
            continue
        yield _member(header, data, longer, where)
        longer = {}
    if longer or bytes(tar[at:]).strip(b"\0"):
        raise refused(where, "holds something after its end")


def _header(tar: memoryview, at: int) -> _Header | None:
    """Return the header at ``at``; None for the block of zeros that ends the archive."""
    block = bytes(tar[at : at + _BLOCK])
    if len(block) < _BLOCK:
        raise _BadHeaderError
    if not block.strip(b"\0"):
        return None
    without_sum = block[:148] + b" " * 8 + block[156:]
    if _number(block[148:156]) != sum(without_sum):
        raise _BadHeaderError
    name = _text(block[:100])
    if block[257:263] == _USTAR and block[345]:
        name = f"{_text(block[345:500])}/{name}"
    return _Header(name=name, type=block[156:157], size=_number(block[124:136]))


def _number(field: bytes) -> int:
    """Return a number in octal digits, or in GNU's binary form; a negative one is no size."""
    if field[0] == 0x80:  # noqa: PLR2004  (GNU: a positive number follows, most significant first)
        return int.from_bytes(field[1:])
    found = _OCTAL.fullmatch(field)
    if not found:
        raise _BadHeaderError
    return int(found[1] or b"0", 8)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


def _extension(type: bytes, data: memoryview) -> dict[str, str]:
    """Return what an extension header says of the next member."""
    if len(data) > _MAX_EXTENSION:
        raise _BadHeaderError
    if type == b"K":
        return {}
    if type == b"L":
        return {"path": bytes(data).rstrip(b"\0").decode("utf-8", "replace")}
    said = dict(_pax_records(bytes(data)))
    if type == b"g":
        if said.keys() & {"path", "size"}:
            raise _BadHeaderError
        return {}
    return said


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield key and value of each record, which is ``length key=value`` and a newline."""
    at = 0
    while at < len(data):
        digits, _, _ = data[at : at + 10].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        record = data[at : at + length]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if not equals or len(record) != length or record[-1:] != b"\n":
            raise _BadHeaderError
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        at += length


def _member(header: _Header, data: memoryview, longer: dict[str, str], where: str) -> Member:
    name = longer.get("path", header.name)
    kind = _KINDS.get(header.type)
    if kind is Kind.FILE and name.endswith("/") and not header.size:
        kind = Kind.FOLDER  # as the oldest archivers marked them
    if kind is None or any(key.startswith("GNU.sparse.") for key in longer):
        raise refused(where, f"holds {quoted(name)}, which is neither a file nor a folder")
    if kind is not Kind.FILE and header.size:
        raise _BadHeaderError
    if longer.get("size", str(header.size)) != str(header.size):
        raise refused(where, f"holds {quoted(name)}, whose two headers do not agree")
    return Member(name=name, kind=kind, size=header.size, read=lambda: bytes(data))
