"""A small process that outlives a killed runner just long enough to remove its containers.

`python -m labrun.sandbox.sitter ENGINE OWNER` waits on standard input. A byte means that the
runner has cleaned up; the end of input without one means that it was killed.
"""

import subprocess
import sys
import time
from types import TracebackType
from typing import Self

SETTLE_SECONDS = (0.0, 0.5, 2.0)  # a request in flight may still create a container


class Sitter:
    """Holds the other end of the sitter's input for as long as this process lives."""

    def __init__(self, engine: str | None, owner_label: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "labrun.sandbox.sitter", engine or "", owner_label],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Start sitting."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Send the sitter home: everything was removed by its owner."""
        self._process.communicate(b"x")


def main(engine: str, owner_label: str) -> None:
    """Wait for the runner's end, then remove what it left."""
    if sys.stdin.buffer.read(1):
        return
    from labrun.sandbox.reaper import remove_owned  # noqa: PLC0415  (kept small until it is needed)

    for seconds in SETTLE_SECONDS:
        time.sleep(seconds)
        remove_owned(engine or None, owner_label)


if __name__ == "__main__":
    main(*sys.argv[1:])
