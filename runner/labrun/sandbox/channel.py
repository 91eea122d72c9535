"""Exact reads and whole writes against a deadline, with a peer that may do anything."""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Protocol

CHUNK = 1 << 20
TICK_SECONDS = 0.5

Tick = Callable[[], None]


class DeadlinePassedError(Exception):
    """The peer did not answer in time."""


class Channel(Protocol):
    """A two-way stream of bytes; ``deadline`` is on the monotonic clock."""

    def read(self, size: int, deadline: float, tick: Tick) -> bytearray:
        """Return exactly ``size`` bytes; raise EOFError or `DeadlinePassedError`."""
        ...

    def write(self, body: bytes | memoryview, deadline: float, tick: Tick) -> None:
        """Send all of ``body``; raise EOFError or `DeadlinePassedError`."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class DescriptorChannel:
    """A channel over one non-blocking descriptor, such as a connected Unix socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def read(self, size: int, deadline: float, tick: Tick) -> bytearray:
        """See `Channel.read`."""
        body = bytearray(size)
        view, got = memoryview(body), 0
        while got < size:
            try:
                count = os.readv(self._descriptor, [view[got : got + CHUNK]])
            except BlockingIOError:
                self._wait(deadline, tick, writing=False)
                continue
            except ConnectionError:
                count = 0
            if not count:
                raise EOFError
            got += count
        return body

    def write(self, body: bytes | memoryview, deadline: float, tick: Tick) -> None:
        """See `Channel.write`."""
        view = memoryview(body).cast("B")
        while view:
            try:
                view = view[os.write(self._descriptor, view[:CHUNK]) :]
            except BlockingIOError:
                self._wait(deadline, tick, writing=True)
            except ConnectionError:
                raise EOFError from None

    def _wait(self, deadline: float, tick: Tick, *, writing: bool) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassedError
        fd = [self._descriptor]
        ready = select.select(
            [] if writing else fd, fd if writing else [], [], min(left, TICK_SECONDS)
        )
        if not any(ready):
            tick()

    def close(self) -> None:
        """See `Channel.close`."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class BufferedChannel:
    """A channel fed by a thread that always drains its stream, and discards past a cap."""

    def __init__(
        self, send: Callable[[bytes], None], hang_up: Callable[[], None], cap: int
    ) -> None:
        self._send = send
        self._hang_up = hang_up
        self._cap = cap
        self._body = bytearray()
        self._ended = False
        self._news = threading.Condition()

    def feed(self, body: bytes) -> None:
        """Take what arrived; never blocks, and ends the stream once the cap is passed."""
        with self._news:
            if len(self._body) + len(body) > self._cap:
                self._ended = True
            elif not self._ended:
                self._body += body
            self._news.notify_all()

    def end(self) -> None:
        """Say that nothing more will arrive."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def read(self, size: int, deadline: float, tick: Tick) -> bytearray:
        """See `Channel.read`."""
        while True:
            with self._news:
                if len(self._body) >= size:
                    body = self._body[:size]
                    del self._body[:size]
                    return body
                if self._ended:
                    raise EOFError
                left = deadline - time.monotonic()
                if left <= 0:
                    raise DeadlinePassedError
                heard = self._news.wait(min(left, TICK_SECONDS))
            if not heard:
                tick()

    def write(self, body: bytes | memoryview, deadline: float, tick: Tick) -> None:
        """See `Channel.write`."""
        del deadline, tick  # the engine buffers what goes in; the reply is what is waited for
        try:
            self._send(bytes(body))
        except OSError:
            raise EOFError from None

    def close(self) -> None:
        """See `Channel.close`."""
        self._hang_up()
        self.end()
