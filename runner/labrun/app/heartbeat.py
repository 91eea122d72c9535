"""Renew a lease while work goes on."""

import contextlib
import threading
from collections.abc import Callable, Iterator

BEAT_SECONDS = 10.0


@contextlib.contextmanager
def heartbeat(beat: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """Call ``beat`` from a thread of its own; yield whether the lease is still held."""
    done, lost = threading.Event(), threading.Event()

    def beats() -> None:
        while not done.wait(BEAT_SECONDS):
            if not beat():
                lost.set()
                return

    thread = threading.Thread(target=beats, daemon=True, name="labrun-heartbeat")
    thread.start()
    try:
        yield lambda: not lost.is_set()
    finally:
        done.set()
        thread.join()
