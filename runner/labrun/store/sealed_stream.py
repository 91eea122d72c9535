"""Encrypt a stream in chunks whose order, number and end are authenticated.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015) over AES-256-GCM: the nonce of a chunk is a
random prefix of 7 bytes, the chunk's number in 4, and 1 in the last byte of the last chunk only.
The key of a stream is derived (HKDF, RFC 5869) with a random salt, so no two streams share one.
"""

from typing import IO, Any

from labrun.errors import LabError, MissingExtraError

SALT_BYTES = 32
PREFIX_BYTES = 7
TAG_BYTES = 16
MOST_CHUNKS = 1 << 32

_INFO = b"labrun sealed lab 1"


class BrokenStreamError(Exception):
    """A chunk is not what was written there."""


class ChunkWriter:
    """Writes a stream of at least one chunk; `close` marks its end."""

    def __init__(self, file: IO[bytes], secret: bytes, *, salt: bytes, prefix: bytes,
                 chunk: int, bound: bytes) -> None:  # fmt: skip
        self._file, self._chunk, self._bound = file, chunk, bound
        self._cipher = _cipher(secret, salt)
        self._prefix = prefix
        self._number = 0
        self._waiting = bytearray()

    def write(self, body: bytes) -> None:
        """Take ``body``; what fills a chunk and is not the end is written."""
        self._waiting += body
        while len(self._waiting) > self._chunk:
            self._put(bytes(self._waiting[: self._chunk]), last=False)
            del self._waiting[: self._chunk]

    def close(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, body: bytes, *, last: bool) -> None:
        if self._number == MOST_CHUNKS:
            msg = "what is to be sealed is too large"
            raise LabError(msg, help="ship smaller files")
        nonce = _nonce(self._prefix, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, body, self._bound))
        self._number += 1


class ChunkReader:
    """Reads what `ChunkWriter` wrote; every byte that is returned was authenticated."""

    def __init__(self, file: IO[bytes], secret: bytes, *, salt: bytes, prefix: bytes,
                 chunk: int, bound: bytes) -> None:  # fmt: skip
        self._file, self._bound = file, bound
        self._sealed_chunk = chunk + TAG_BYTES
        self._cipher = _cipher(secret, salt)
        self._prefix = prefix
        self._number = 0
        self._ready = bytearray()
        self._next = file.read(self._sealed_chunk)
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return exactly ``size`` bytes; raise `BrokenStreamError` where there are fewer."""
        while len(self._ready) < size:
            if self._ended:
                raise BrokenStreamError
            self._ready += self._open()
        body = bytes(self._ready[:size])
        del self._ready[:size]
        return body

    def at_end(self) -> bool:
        """Return whether the marked end of the stream was read and nothing is left."""
        while not self._ended and not self._ready:
            self._ready += self._open()
        return self._ended and not self._ready

    def _open(self) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  (see _cipher)

        here, self._next = self._next, self._file.read(self._sealed_chunk)
        self._ended = not self._next
        nonce = _nonce(self._prefix, self._number, last=self._ended)
        self._number += 1
        try:
            body: bytes = self._cipher.decrypt(nonce, here, self._bound)
        except InvalidTag:
            raise BrokenStreamError from None
        return body


def sealed_size(size: int, chunk: int) -> int:
    """Return how many bytes a stream of ``size`` plain bytes takes."""
    chunks = max(1, -(-size // chunk))
    return size + chunks * TAG_BYTES


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\1" if last else b"\0")


def _cipher(secret: bytes, salt: bytes) -> Any:
    try:  # slow to import, and not in the light install
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415
    except ModuleNotFoundError:
        msg = "sealed labs are opened with cryptography, which is not installed"
        raise MissingExtraError(msg, help="pip install 'labrun[grade]'") from None
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(secret))
