"""What goes on at the same time while evidence is gathered: places, testers, and the dead."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Self, TypeVar

from labrun.sandbox.base import Box
from labrun.sandbox.phases import PhaseEvent
from labrun.sandbox.unit import Tester

GRAVEDIGGERS = 2
T = TypeVar("T")


class UnwantedError(Exception):
    """What runs ahead is not evidence any more: the phases it stands beside did not end well."""


class Places:
    """``number`` of places; leaving waits for what was begun, and begins nothing after an error."""

    def __init__(self, number: int) -> None:
        self._free = threading.Semaphore(number)
        self._pool = ThreadPoolExecutor(max_workers=number)
        self._unwanted = threading.Event()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End."""
        if kind:
            self.give_up()
        self._pool.shutdown(cancel_futures=kind is not None)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Take a place for the time of the block."""
        with self._free:
            yield

    def run(self, work: Callable[..., T], *args: Any) -> Future[T]:
        """Do the work as soon as there is a place, after what was asked for before."""
        return self._pool.submit(self._placed, work, *args)

    def _placed(self, work: Callable[..., T], *args: Any) -> T:
        with self._free:
            return work(*args)

    def give_up(self) -> None:
        """End what runs ahead; what it would have seen is not wanted."""
        self._unwanted.set()

    def watch(self, _: PhaseEvent) -> None:
        """Raise, in what runs ahead, once it is given up."""
        if self._unwanted.is_set():
            raise UnwantedError


class Testers:
    """Trusted processes for hidden tests, as many as are needed at a time; the first is ahead."""

    def __init__(self, standby: Path | None, *, ahead: bool) -> None:
        self._standby = standby
        self._all: list[Tester] = []
        self._idle: queue.LifoQueue[Tester] = queue.LifoQueue()  # the last one has a box already
        if ahead:
            self._idle.put(self._another())

    def _another(self) -> Tester:
        made = Tester(self._standby)
        self._all.append(made)
        return made

    @contextlib.contextmanager
    def one(self) -> Iterator[Tester]:
        """Lend one that is idle; a new one where none is."""
        try:
            tester = self._idle.get_nowait()
        except queue.Empty:
            tester = self._another()
        try:
            yield tester
        finally:
            if tester.usable:
                self._idle.put(tester)
            else:
                tester.close()

    def close(self) -> None:
        """End all of them."""
        for each in self._all:
            each.close()


class Undertaker:
    """Ends what is done with beside what still runs; leaving waits, and raises what went wrong."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=GRAVEDIGGERS, thread_name_prefix="labrun-kill")
        self._buried: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait; a container that could not be removed is a fault of the platform."""
        self._pool.shutdown()
        if kind is None:
            for each in self._buried:
                each.result()

    def bury(self, box: Box) -> None:
        """Kill a box."""
        self._buried.append(self._pool.submit(box.kill))

    def close_after(self, work: Iterable[Future[Any]], close: Callable[[], None]) -> None:
        """Close something once the work with it is done."""
        self._buried.append(self._pool.submit(_closed_after, tuple(work), close))


def _closed_after(work: tuple[Future[Any], ...], close: Callable[[], None]) -> None:
    wait(work)
    close()
