"""The clear beginning of a sealed file: its format, its header, and a digest over both."""

import hashlib
from pathlib import Path
from typing import IO, NamedTuple

from pydantic import ValidationError

from labrun.errors import LabError
from labrun.store.sealed_records import ClearFile, Header
from labrun.store.sealed_stream import sealed_size

SEALED_FILE = "sealed.labrun"
FORMAT = 1
MAX_HEADER = 8 << 20
LENGTH = 4

_BEGIN = b"labrun sealed lab, format "
_DIGEST = 32


class Opening(NamedTuple):
    """A header, the digest it is bound by, and where the chunks start."""

    header: Header
    bound: bytes
    start: int


def read_header(path: Path) -> Header:
    """Return what the sealed file says in the clear; damage to it is a `LabError`.

    Without the key nothing proves that the header was not forged.
    """
    return read_opening(path).header


def opening_of(header: Header) -> bytes:
    """Return the bytes a sealed file with this header begins with."""
    body = header.model_dump_json().encode()
    return _BEGIN + b"%d\n" % FORMAT + len(body).to_bytes(LENGTH, "big") + body


def damaged(path: Path) -> LabError:
    """Return the error to raise where ``path`` does not hold what was sealed."""
    msg = f"{path} is damaged: its bytes are not those that were sealed"
    return LabError(msg, help="restore the file from where you have it")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file of the lab; one that cannot be read is a `LabError`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def clear_file(path: Path) -> ClearFile:
    """Return what ``path`` is now."""
    digest = file_sha256(path)
    return ClearFile(size=path.stat().st_size, sha256=digest)


def unreadable(path: Path, error: OSError) -> LabError:
    """Return the error to raise where a file of the lab cannot be read."""
    msg = f"{path} cannot be read: {error.strerror}"
    return LabError(msg, help="look at its permissions")


def read_opening(path: Path) -> Opening:
    """Return the beginning of the sealed file; damage to it is a `LabError`."""
    try:
        with path.open("rb") as file:
            _refuse_other_formats(path, file)
            length = int.from_bytes(file.read(LENGTH), "big")
            if length > MAX_HEADER:
                raise damaged(path)
            body, bound = file.read(length), file.read(_DIGEST)
            start = file.tell()
            size = path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from None
    opening = _BEGIN + b"%d\n" % FORMAT + length.to_bytes(LENGTH, "big") + body
    if hashlib.sha256(opening).digest() != bound:
        raise damaged(path)
    try:
        header = Header.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{path} has a header that cannot be read: {'.'.join(map(str, first['loc']))}"
        raise LabError(msg, help="seal the lab again with this labrun") from None
    if size != start + sealed_size(header.size, header.chunk):
        msg = f"{path} is damaged: it was cut short or added to"
        raise LabError(msg, help="restore the file from where you have it")
    return Opening(header, bound, start)


def _refuse_other_formats(path: Path, file: IO[bytes]) -> None:
    line = file.readline(len(_BEGIN) + 8)
    number = line.removeprefix(_BEGIN).removesuffix(b"\n")
    if not line.startswith(_BEGIN) or not line.endswith(b"\n") or not number.isdigit():
        msg = f"{path} is not a sealed lab, or it is damaged"
        raise LabError(msg, help="restore the file from where you have it")
    if int(number) != FORMAT or number != b"%d" % FORMAT:
        msg = f"{path} has format {int(number)}, and this labrun reads format {FORMAT}"
        raise LabError(msg, help="use the labrun it was sealed with, or a newer one")
