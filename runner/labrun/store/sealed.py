r"""One authenticated file that holds what only graders may see of a lab.

    labrun sealed lab, format 1\n      the format, in the clear
    4 bytes, big-endian                length of the header
    header (JSON)                      in the clear: `Header`
    32 bytes                           SHA-256 of all above, bound to every chunk
    chunks                             see `sealed_stream`; inside:
        4 bytes, big-endian            length of the manifest
        manifest (JSON)                `Manifest`: path, size and SHA-256 of each file
        the files, one after another   in the manifest's order

The header binds the lab's slug, version and every file that stays in the clear beside this one.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self, TypedDict

from pydantic import ValidationError

from labrun.errors import LabError, UserError
from labrun.store.faults import disk_fault
from labrun.store.lab_keys import LabKey
from labrun.store.sealed_header import (
    LENGTH,
    clear_file,
    damaged,
    opening_of,
    read_opening,
    unreadable,
)
from labrun.store.sealed_records import CHUNK, About, Entry, Header, Manifest
from labrun.store.sealed_stream import (
    PREFIX_BYTES,
    SALT_BYTES,
    BrokenStreamError,
    ChunkReader,
    ChunkWriter,
)

MAX_MANIFEST = 32 << 20


class _Parameters(TypedDict):
    salt: bytes
    prefix: bytes
    chunk: int
    bound: bytes


def write_sealed(path: Path, sources: Mapping[str, Path], *, key: LabKey, about: About) -> None:
    """Write the sealed file at ``path`` from ``sources``: files by the path they have inside.

    Raises `LabError` where a source cannot be read or changes meanwhile, `StoreError` where
    ``path`` cannot be written.
    """
    files = tuple(_entry(name, file) for name, file in sorted(sources.items()))
    manifest = Manifest(files=files).model_dump_json().encode()
    header = Header(
        key_id=key.id,
        salt=secrets.token_hex(SALT_BYTES),
        nonce=secrets.token_hex(PREFIX_BYTES),
        size=LENGTH + len(manifest) + sum(each.size for each in files),
        lab=about,
    )
    try:
        with path.open("wb") as out:
            opening = opening_of(header)
            bound = hashlib.sha256(opening).digest()
            out.write(opening + bound)
            stream = ChunkWriter(out, key.secret, **_how(header, bound))
            stream.write(len(manifest).to_bytes(LENGTH, "big") + manifest)
            for entry in files:
                _copy_in(sources[entry.path], entry, stream)
            stream.close()
    except OSError as error:
        raise disk_fault(path, error) from error


class SealedReader:
    """A sealed file opened with its key; nothing is believed before `bodies` came to its end."""

    def __init__(self, path: Path, key: LabKey) -> None:
        self.path = path
        opening = read_opening(path)
        self.header = opening.header
        if self.header.key_id != key.id:
            msg = f"{path} was sealed with another key (id {self.header.key_id}, not {key.id})"
            raise UserError(msg, help="give the key this lab was sealed with")
        self._file = path.open("rb")
        try:
            self._file.seek(opening.start)
            how = _how(self.header, opening.bound)
            self._stream = ChunkReader(self._file, key.secret, **how)
            self.manifest = self._read_manifest()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def bodies(self) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Yield each file with its bytes in pieces, then prove that there is nothing more."""
        for entry in self.manifest.files:
            pieces = self._pieces(entry)
            yield entry, pieces
            for _ in pieces:  # what the caller left unread
                pass
        try:
            whole = self._stream.at_end()
        except BrokenStreamError:
            whole = False
        if not whole:
            raise damaged(self.path)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        digest, left = hashlib.sha256(), entry.size
        try:
            while left:
                piece = self._stream.read(min(left, self.header.chunk))
                digest.update(piece)
                left -= len(piece)
                yield piece
        except BrokenStreamError:
            raise damaged(self.path) from None
        if digest.hexdigest() != entry.sha256:
            raise damaged(self.path)

    def _read_manifest(self) -> Manifest:
        try:
            length = int.from_bytes(self._stream.read(LENGTH), "big")
            if length > min(MAX_MANIFEST, self.header.size):
                raise damaged(self.path)
            manifest = Manifest.model_validate_json(self._stream.read(length))
        except (BrokenStreamError, ValidationError):
            raise damaged(self.path) from None
        names = [entry.path for entry in manifest.files]
        size = LENGTH + length + sum(entry.size for entry in manifest.files)
        if len(set(names)) < len(names) or size != self.header.size:
            raise damaged(self.path)
        return manifest


def unpack(path: Path, key: LabKey, into: Path) -> Manifest:
    """Write every sealed file below ``into``, an empty private folder, and return the manifest.

    An error leaves part of them there; the caller throws the folder away.
    """
    with SealedReader(path, key) as reader:
        for entry, pieces in reader.bodies():
            target = into / entry.path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
            target.chmod(0o700 if entry.executable else 0o600)
    return reader.manifest


def _entry(name: str, path: Path) -> Entry:
    found = clear_file(path)
    executable = bool(path.stat().st_mode & 0o100)
    try:
        return Entry(path=name, size=found.size, sha256=found.sha256, executable=executable)
    except ValidationError:
        msg = f"{path} cannot be sealed: {name!a} is not a plain name"
        raise LabError(msg, help="rename it, without control characters or backslashes") from None


def _copy_in(source: Path, entry: Entry, stream: ChunkWriter) -> None:
    digest = hashlib.sha256()
    try:
        with source.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
                stream.write(piece)
    except OSError as error:
        raise unreadable(source, error) from None
    if digest.hexdigest() != entry.sha256:
        msg = f"{source} changed while it was being sealed"
        raise LabError(msg, help="run the command again")


def _how(header: Header, bound: bytes) -> _Parameters:
    return {
        "salt": bytes.fromhex(header.salt),
        "prefix": bytes.fromhex(header.nonce),
        "chunk": header.chunk,
        "bound": bound,
    }
