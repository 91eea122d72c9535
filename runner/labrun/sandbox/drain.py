"""Readers that never stop: what a container prints is kept up to a cap and discarded past it."""

import threading
from collections.abc import Callable, Iterable

HEAD_BYTES = 32_768
TAIL_BYTES = 32_768
STDOUT = 1

Frames = Iterable[tuple[int, bytes]]


class Log:
    """The beginning and the end of a stream of unknown length, in bounded memory."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._lost = 0
        self._lock = threading.Lock()

    def add(self, body: bytes) -> None:
        """Take more of the stream."""
        with self._lock:
            room = HEAD_BYTES - len(self._head)
            self._head += body[:room]
            self._tail += body[room:] if room < len(body) else b""
            if (over := len(self._tail) - TAIL_BYTES) > 0:
                del self._tail[:over]
                self._lost += over

    def text(self) -> str:
        """Return it decoded, saying how much was left out."""
        with self._lock:
            gap = f"\n… {self._lost:,} bytes left out …\n".encode() if self._lost else b""
            return bytes(self._head + gap + self._tail).decode("utf-8", "replace")


def drain(frames: Frames, log: Log, *, feed: Callable[[bytes], None] | None) -> threading.Thread:
    """Start the thread that reads ``frames`` to their end: an unread client stalls `docker kill`.

    Standard output goes to ``feed`` where it is the protocol's stream; all else is log.
    """

    def read() -> None:
        try:
            for stream, body in frames:
                if stream == STDOUT and feed:
                    feed(body)
                else:
                    log.add(body)
        except (OSError, ValueError):  # the stream was closed under us, which is how it ends
            log.add(b"")

    thread = threading.Thread(target=read, daemon=True, name="labrun-drain")
    thread.start()
    return thread
