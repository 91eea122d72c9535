"""Say in words why a disk or a database did not do its part."""

import errno
import sqlite3
from pathlib import Path

from labrun.errors import StoreError

FREE_SPACE = "free some space and run the command again; what was there before is intact"
DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
UNWRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PRIMARY = 0xFF  # SQLite's extended codes carry the primary one in the lowest byte


def disk_fault(path: Path, error: OSError) -> StoreError:
    """Return the error to raise for what the system said about ``path``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"cannot write {path}: the disk is full", help=FREE_SPACE)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        msg = f"cannot write {path}: {error.strerror}"
        return StoreError(msg, help=_writable(path))
    msg = f"cannot use {path}: {error.strerror or error}"
    return StoreError(msg, help=f"check what is at {path} and the disk it is on")


def is_endless(path: Path) -> bool:
    """Return whether reading ``path`` could wait or go on for ever: a pipe, a socket, a device."""
    return path.exists() and not (path.is_file() or path.is_dir())


def database_fault(path: Path, error: BaseException | None) -> StoreError:
    """Return the error to raise for what SQLite said about the file at ``path``."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
    msg = f"{path} failed: {error}"
    help_ = "run `labrun doctor` to look for the cause"
    if code in DAMAGED:
        msg = f"{path} is damaged: {error}"
        help_ = "put a backup in its place, or move it away and labrun starts a new one"
    elif code in UNWRITABLE:
        msg, help_ = f"cannot write {path}: {error}", _writable(path)
    elif code == sqlite3.SQLITE_FULL:
        msg, help_ = f"cannot write {path}: the disk is full", FREE_SPACE
    elif code in LOCKED:
        msg = f"{path} stayed locked by another process: {error}"
        help_ = "wait for the other labrun to end, then run the command again"
    return StoreError(msg, help=help_)


def _writable(path: Path) -> str:
    return f"labrun must be able to write in {path.parent}: check its owner, mode and mount"
