"""Bytes on disk by their SHA-256: written whole or not at all, and checked when read."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from labrun.domain.record import Record
from labrun.errors import StoreError
from labrun.store.faults import disk_fault

HEX = 64
PRIVATE_FILE = 0o600  # what is kept can hold hidden data and other people's work
PRIVATE_FOLDER = 0o700
UNFINISHED = ".unfinished"


class Pruned(Record):
    """What a clean-up removed."""

    files: int
    bytes: int


class Blobs:
    """A folder ``<sha256[:2]>/<sha256>``; safe to use from many processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the bytes with this digest are, or would be."""
        return self.root / digest[:2] / digest

    def put(self, body: bytes) -> str:
        """Keep ``body`` for good and return its SHA-256; a damaged copy is replaced."""
        digest = hashlib.sha256(body).hexdigest()
        path = self.path(digest)
        try:
            self._make_folder(path.parent)
            if path.is_file() and path.read_bytes() == body:
                os.utime(path)  # it is in use again: see prune
            else:
                _write(path, body)
            _sync_folder(path.parent)
        except OSError as error:
            raise disk_fault(path, error) from error
        return digest

    def read(self, digest: str) -> bytes:
        """Return the bytes with this digest; raise `StoreError` if they are gone or altered."""
        path = self.path(digest)
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            msg = f"{path} is missing"
            raise StoreError(msg, help="restore it from a backup, or submit again") from None
        except OSError as error:
            raise disk_fault(path, error) from error
        if hashlib.sha256(body).hexdigest() != digest:
            msg = f"{path} is damaged: its bytes no longer have the digest in its name"
            raise StoreError(msg, help="restore it from a backup, or submit again")
        return body

    def prune(self, keep: AbstractSet[str], *, before: datetime) -> Pruned:
        """Remove what is not in ``keep`` and was last kept before ``before``.

        Leave an hour: what another process has just kept may not be in any ledger yet.
        """
        files = size = 0
        try:
            for path in self._files():
                found = path.stat()
                if path.name not in keep and found.st_mtime < before.timestamp():
                    path.unlink()
                    files, size = files + 1, size + found.st_size
        except OSError as error:
            raise disk_fault(self.root, error) from error
        return Pruned(files=files, bytes=size)

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")):
            if len(path.name) == HEX or path.name.endswith(UNFINISHED):
                yield path

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            _sync_folder(folder.parent)


def _write(path: Path, body: bytes) -> None:
    partial = path.with_name(f"{path.name}-{secrets.token_hex(8)}{UNFINISHED}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with open(descriptor, "wb") as file:  # noqa: PTH123  (a descriptor, for its mode)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            partial.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
