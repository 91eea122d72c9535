"""The trusted child process that runs hidden tests: `python -P -m labrun.sandbox.unit_main`.

Jobs come as wire frames on standard input, which stays open: when it closes, the runner is gone
and so is this process. News goes out as JSON lines on the descriptor in argv; of each job, the last
is its exit code or a fault.
"""

import contextlib
import io
import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from labrun import wire
from labrun.domain.lab import Limits
from labrun.errors import LabrunError
from labrun.sandbox.base import SANDBOXES
from labrun.sandbox.pytest_plugin import Plugin, Tell
from labrun.sandbox.unit_box import ENDS, Given, UnitBox

# Plug-ins of pytest that would write files, or whose work no result here shows. The exceptions
# collect all garbage twice: half of what a short test file takes, with pandas imported.
UNUSED = (
    *("cacheprovider", "faulthandler", "unraisableexception", "threadexception"),
    *("doctest", "junitxml", "pastebin", "stepwise"),
)
SHARED = ("sandbox", "recipe", "limits", "labels", "files", "preload", "model")


def main(descriptor: int) -> int:
    """Run jobs until there are no more, and return pytest's last exit code.

    70 stands for a fault of the platform.
    """
    with os.fdopen(descriptor, "w", buffering=1, encoding="utf-8") as news:
        code, jobs, boxes = 0, _Jobs(io.FileIO(0, closefd=False)), _Boxes()

        def tell(fact: dict[str, Any]) -> None:
            if fact.keys() & ENDS:
                sys.stdout.flush()  # the runner reads the log once it has heard of the end
                jobs.done()
            news.write(json.dumps(fact) + "\n")

        try:
            while (job := jobs.next()) is not None:
                code = _one(job, boxes, tell)
        finally:
            boxes.close()
        return code


class _Jobs:
    """Jobs as they come; if the runner goes while one is worked on, so does this process."""

    def __init__(self, source: io.FileIO) -> None:
        self._source = source
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._come = self._done = 0
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> dict[str, Any] | None:
        """Return the next one, once it is there; None where there are no more."""
        return self._queue.get()

    def done(self) -> None:
        """Note that the last one is: the runner may go from now on."""
        self._done += 1

    def _read(self) -> None:
        caps = wire.Caps(frame=1 << 30)
        with contextlib.suppress(EOFError):
            while True:
                job = wire.decode(lambda size: _exactly(self._source, size), caps)
                self._come += 1
                self._queue.put(job)
        if self._come > self._done:
            os._exit(1)
        self._queue.put(None)


class _Boxes:
    """The box of the last job, kept for the next one of the same submission."""

    def __init__(self) -> None:
        self._key: dict[str, Any] = {}
        self._box: UnitBox | None = None

    def of(self, job: dict[str, Any]) -> UnitBox:
        """Return the box for a job."""
        key = {name: job[name] for name in SHARED}
        if self._box is None or key != self._key:
            self.close()
            self._key = key
            self._box = UnitBox(
                SANDBOXES[job["sandbox"]](**job["recipe"]),
                limits=Limits.model_validate(job["limits"]),
                labels=job["labels"],
                given=Given(files=job["files"], preload=job["preload"], model=job["model"]),
            )
        return self._box

    def close(self) -> None:
        """Kill it."""
        if self._box:
            self._box.close()
            self._box.sandbox.close()
            self._box = None


def _one(job: dict[str, Any], boxes: _Boxes, tell: Tell) -> int:
    try:
        return _run(job, boxes.of(job), tell)
    except LabrunError as error:
        tell({"fault": str(error), "help": error.help})
        return 70


def _run(job: dict[str, Any], box: UnitBox, tell: Tell) -> int:
    tables = job["tables"]
    plugin = Plugin(box, table=lambda name: _table(tables, name), seed=job["seed"], tell=tell)
    tests = Path(job["tests"])
    arguments = [
        *("-c", os.devnull, f"--rootdir={tests.parent}", f"--confcutdir={tests.parent}"),
        *(word for name in UNUSED for word in ("-p", f"no:{name}")),
        "--import-mode=importlib",
        *("-q", "--tb=short", "--no-header", "--strict-markers", "--color=no", str(tests)),
    ]
    faults = _Faults()
    code = int(pytest.main(arguments, plugins=[plugin, faults]))
    if faults.first:
        raise faults.first
    tell({"exit": code})
    return code


class _Faults:
    """Keeps a fault of the sandbox that a test ran into: it is neither the test's nor learner's."""

    def __init__(self) -> None:
        self.first: LabrunError | None = None

    def pytest_exception_interact(self, call: pytest.CallInfo[None]) -> None:
        if call.excinfo and isinstance(call.excinfo.value, LabrunError):
            self.first = self.first or call.excinfo.value


def _table(tables: dict[str, str], name: str) -> Any:
    import pandas as pd  # noqa: PLC0415  (slow to import, and few tests ask for a table)

    if name not in tables:
        msg = f"there is no table called {name!r}; known: {', '.join(sorted(tables))}"
        raise LookupError(msg)
    return pd.read_csv(tables[name])


def _exactly(source: io.FileIO, size: int) -> bytes:
    body = bytearray()
    while len(body) < size:
        part = source.read(size - len(body))
        if not part:
            raise EOFError
        body += part
    return bytes(body)


def run() -> int:
    """Run with the descriptor that stands in the arguments."""
    return main(int(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(run())
