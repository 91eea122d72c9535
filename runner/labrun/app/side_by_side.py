"""Places for boxes that run learner code at the same time, no more than the host has processors."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

from labrun.sandbox.phases import PhaseEvent

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
