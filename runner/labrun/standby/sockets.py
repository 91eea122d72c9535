"""Unix sockets in a home folder, which only its user can open."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def address(home: Path, name: str) -> Iterator[str]:
    """Give an address of a socket in ``home`` that is short enough, however deep the home is."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{name}"
    finally:
        os.close(folder)


def connected(home: Path, name: str, *, seconds: float) -> socket.socket | None:
    """Return a connection on which every step may take ``seconds``; None where nobody listens."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(seconds)
    try:
        with address(home, name) as path:
            link.connect(path)
    except OSError:
        link.close()
        return None
    return link


@contextlib.contextmanager
def listening(home: Path, name: str) -> Iterator[socket.socket]:
    """Give a listening socket in place of what an earlier process left; it goes with the block."""
    listener = socket.socket(socket.AF_UNIX)
    with address(home, name) as path, listener:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108  (the path goes through a descriptor)
        previous = os.umask(0o177)  # only this user may connect
        try:
            listener.bind(path)
        finally:
            os.umask(previous)
        listener.listen(64)
        made = os.getpid()
        try:
            yield listener
        finally:
            if os.getpid() == made:  # not in a fork, which leaves the block as well
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)  # noqa: PTH108
