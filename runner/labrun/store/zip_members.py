"""Read the members of a zip archive, believing no header that another contradicts."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from labrun.store.archive_members import (
    MAX_MEMBER,
    MAX_MEMBERS,
    Kind,
    Member,
    quoted,
    refused,
)

MAGIC = b"PK\x03\x04"

_CENTRAL = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s2xHH4x3L2H")  # APPNOTE.TXT 4.3.7: flags, method, crc, sizes, lengths
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_SIZES_FOLLOW = 0x8
_UTF8 = 0x800
_IN_EXTRA_FIELD = 0xFFFFFFFF
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_RAW = -15  # zlib: a deflate stream without a header
# What zipfile raises for directories that are cut off, lie, or were never a directory.
_UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OverflowError,
    UnicodeDecodeError,
    ValueError,
    struct.error,
)


def zip_members(body: bytes, where: str) -> Iterator[Member]:
    """Yield what the central directory lists; nothing is unpacked before a member is read."""
    if body.count(_CENTRAL) > MAX_MEMBERS:  # before zipfile makes an object of each
        raise refused(where, f"holds more than {MAX_MEMBERS:,} entries")
    try:
        listed = zipfile.ZipFile(io.BytesIO(body)).infolist()
    except _UNREADABLE:
        raise refused(where, "is damaged or cut off: its directory cannot be read") from None
    for info in listed:
        yield _member(body, info, where)


def _member(body: bytes, info: zipfile.ZipInfo, where: str) -> Member:
    return Member(
        name=info.orig_filename,
        kind=_kind(info),
        size=info.file_size,
        read=lambda: _read(body, info, where),
    )


def _kind(info: zipfile.ZipInfo) -> Kind:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode == stat.S_IFLNK:
        return Kind.LINK
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        return Kind.SPECIAL
    is_folder = mode == stat.S_IFDIR or info.orig_filename.endswith("/")
    return Kind.FOLDER if is_folder else Kind.FILE


def _read(body: bytes, info: zipfile.ZipInfo, where: str) -> bytes:
    name = quoted(info.orig_filename)
    if info.flag_bits & _ENCRYPTED:
        raise refused(where, f"holds {name}, which is encrypted", "pack it without a password")
    if info.compress_type not in (_STORED, _DEFLATED):
        raise refused(where, f"holds {name}, which is packed in a way labrun does not read")
    if info.file_size > MAX_MEMBER:
        raise refused(where, f"holds {name} of more than {MAX_MEMBER / 1e6:g} MB")
    packed = _packed(body, info)
    if packed is None:
        raise refused(where, f"holds {name}, whose two headers do not agree")
    found = _unpacked(packed, info)
    if found is None:
        raise refused(where, f"holds {name}, which is damaged or not as large as it says")
    return found


def _packed(body: bytes, info: zipfile.ZipInfo) -> bytes | None:
    """Return the member's packed bytes; None where its own header contradicts the directory."""
    at = info.header_offset
    head = body[at : at + _LOCAL.size] if at >= 0 else b""
    if len(head) < _LOCAL.size:
        return None
    magic, flags, method, crc, packed, size, names, extra = _LOCAL.unpack(head)
    said = (crc, packed, size)
    meant = (info.CRC, info.compress_size, info.file_size)
    later = bool(flags & _SIZES_FOLLOW)
    agree = all(
        mine in (other, *((0,) if later else ()), _IN_EXTRA_FIELD)
        for mine, other in zip(said, meant, strict=True)
    )
    start = at + _LOCAL.size + names
    same_name = body[at + _LOCAL.size : start] == _raw_name(info)
    alike = (magic, method) == (MAGIC, info.compress_type)
    same_flags = not (flags ^ info.flag_bits) & (_ENCRYPTED | _UTF8)
    if not (agree and alike and same_name and same_flags):
        return None
    start += extra
    return body[start : start + info.compress_size]


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def _unpacked(packed: bytes, info: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes, stopping one past what was claimed; None where the claim was wrong."""
    if len(packed) != info.compress_size:
        return None
    if info.compress_type == _STORED:
        found, ended = packed, True
    else:
        stream = zlib.decompressobj(_RAW)
        try:
            found = stream.decompress(packed, info.file_size + 1)
        except zlib.error:
            return None
        ended = stream.eof and not stream.unused_data
    whole = ended and len(found) == info.file_size and zlib.crc32(found) == info.CRC
    return found if whole else None
