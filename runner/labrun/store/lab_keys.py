"""Keys of sealed labs: 32 random bytes, as one line of text."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from labrun.errors import UserError
from labrun.store.faults import disk_fault

KEY_BYTES = 32
PREFIX = "labrun-key-1:"
MAX_KEY_FILE = 1000

_ABOUT_ID = b"labrun lab key id"
_HOW = "a key is the one line that `labrun lab seal LAB --new-key FILE` wrote"


class LabKey:
    """One key; ``id`` tells it from others and gives nothing of it away."""

    __slots__ = ("id", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.id = hmac.new(secret, _ABOUT_ID, hashlib.sha256).hexdigest()[:32]

    def __repr__(self) -> str:
        return f"LabKey({self.id})"

    @property
    def text(self) -> str:
        """Return the line a key file holds: never to be shown or logged."""
        return PREFIX + base64.urlsafe_b64encode(self.secret).decode()


def key_of_text(text: str, where: str) -> LabKey:
    """Return the key that ``text`` is; `UserError` names ``where`` it is from, never the text."""
    line = text.strip()
    if not line.startswith(PREFIX):
        msg = f"{where} holds no key: expected one line that begins with {PREFIX!r}"
        raise UserError(msg, help=_HOW)
    try:
        secret = base64.b64decode(line.removeprefix(PREFIX), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        msg = f"{where} holds a key that was cut short or mistyped"
        raise UserError(msg, help=_HOW)
    return LabKey(secret)


def read_key(path: Path) -> LabKey:
    """Return the key in the file at ``path``."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_KEY_FILE)
    except OSError as error:
        msg = f"the key file {str(path)!r} cannot be read: {error.strerror}"
        raise UserError(msg, help=_HOW) from None
    return key_of_text(body.decode("utf-8", "replace"), f"the key file {str(path)!r}")


def make_key(path: Path) -> LabKey:
    """Write a new key to a new file that only its owner can read, and return it."""
    key = LabKey(secrets.token_bytes(KEY_BYTES))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        msg = f"{str(path)!r} exists already; a key is never overwritten"
        raise UserError(msg, help=f"use it: --key {path}, or name another file") from None
    except OSError as error:
        raise disk_fault(path, error) from error
    try:
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123  (for its mode)
            os.fchmod(descriptor, 0o600)
            file.write(f"{key.text}\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise disk_fault(path, error) from error
    return key


def refuse_key_within(path: Path, folder: Path) -> None:
    """Refuse a key file below ``folder`` or in the Git checkout around it: it would be published.

    Raises `UserError`.
    """
    at = path.resolve()
    root = checkout_of(folder)
    for place in (folder.resolve(), root):
        if place and at.is_relative_to(place):
            msg = f"the key {str(path)!r} would lie in {str(place)!r}, beside what it opens"
            raise UserError(msg, help="keep it outside, such as in ~/.config/labrun/")


def checkout_of(folder: Path) -> Path | None:
    """Return the root of the Git checkout that ``folder`` is in, if it is in one."""
    here = folder.resolve()
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), None)
