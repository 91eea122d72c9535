"""Make archives as no honest program would: for make.py of the cases `archive-…` and unit tests.

Headers are written by hand where `tarfile` and `zipfile` would refuse to lie.
"""

import gzip
import io
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SOLUTION = Path(__file__).parent / "lab/labs/attack-phases/solution"
BLOCK = 512
LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
CHECKSUM = slice(148, 156)


class Entry(NamedTuple):
    """A member; ``link`` is where it points, ``mode`` its whole mode where a zip shall have one."""

    name: str
    body: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644


def solution() -> list[Entry]:
    """Return the honest solution, as members."""
    return [Entry(path.name, path.read_bytes()) for path in sorted(SOLUTION.glob("*.py"))]


def tar(*entries: Entry, format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mode = entry.type, entry.link, entry.mode
            info.size = len(entry.body)
            archive.addfile(info, io.BytesIO(entry.body))
    return file.getvalue()


def tgz(*entries: Entry) -> bytes:
    """Return a gzipped tar archive."""
    return gzip.compress(tar(*entries), mtime=0)


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive; the same name may come twice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name", UserWarning)
        for entry in entries:
            info = zipfile.ZipInfo("?")
            info.filename = entry.name  # ZipInfo itself would cut it at a NUL
            info.external_attr = entry.mode << 16
            archive.writestr(info, entry.body, method)
    return file.getvalue()


def with_header(archive: bytes, change: Callable[[bytearray], None], at: int = 0) -> bytes:
    """Return a tar archive whose header at ``at`` is changed, with the checksum it then needs."""
    whole = bytearray(archive)
    block = whole[at : at + BLOCK]
    change(block)
    block[CHECKSUM] = b" " * 8
    block[CHECKSUM] = b"%06o\0 " % sum(block)
    whole[at : at + BLOCK] = block
    return bytes(whole)


def patched(archive: bytes, magic: bytes, offset: int, format: str, value: int) -> bytes:
    """Return a zip archive with a number changed, ``offset`` bytes after the last ``magic``."""
    at = archive.rindex(magic) + offset
    packed = struct.pack(format, value)
    return archive[:at] + packed + archive[at + len(packed) :]


def zeros_gzipped(megabytes: int, head: bytes = b"") -> bytes:
    """Return ``head`` and then so many megabytes of nothing, gzipped without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(head)]
    parts += [packer.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return b"".join((*parts, packer.flush()))


def pax(name: str, body: bytes, records: dict[str, str], type: bytes = b"x") -> bytes:
    """Return an extension header with these records, and the member after it, without an end."""
    text = b"".join(_record(key, value) for key, value in records.items())
    header = Entry(f"PaxHeaders/{name}", text, type)
    return _endless(header) + (_endless(Entry(name, body)) if type == b"x" else b"")


def without_end(archive: bytes) -> bytes:
    """Return a tar archive without the blocks of zeros that end it; its last body has none."""
    blocks = -(-len(archive.rstrip(b"\0")) // BLOCK)
    return archive[: blocks * BLOCK]


def with_extra(archive: bytes, extra: bytes) -> bytes:
    """Return a zip archive whose last member says its sizes in this extra field instead."""
    at = archive.rindex(CENTRAL)
    name, old = struct.unpack_from("<HH", archive, at + 28)
    fixed = bytearray(archive[at : at + 46])
    struct.pack_into("<LL", fixed, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", fixed, 30, len(extra))
    rest = archive[at + 46 + name + old :]
    end = bytearray(rest)
    size = struct.unpack_from("<L", end, 12)[0]
    struct.pack_into("<L", end, 12, size + len(extra) - old)
    return archive[:at] + bytes(fixed) + archive[at + 46 : at + 46 + name] + extra + bytes(end)


def _record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def _endless(entry: Entry) -> bytes:
    return without_end(tar(entry, format=tarfile.USTAR_FORMAT))
