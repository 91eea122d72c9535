"""The trusted child process that runs hidden tests: `python -P -m labrun.sandbox.unit_main`.

The job comes as one wire frame on standard input, which then stays open: when it closes, the
runner is gone and so is this process. News goes out as JSON lines on the descriptor in argv.
"""

import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from labrun import wire
from labrun.domain.lab import Limits
from labrun.errors import LabrunError
from labrun.sandbox.base import SANDBOXES
from labrun.sandbox.pytest_plugin import Given, Plugin


def main(descriptor: int) -> int:
    """Run one job and return pytest's exit code; 70 stands for a fault of the platform."""
    with os.fdopen(descriptor, "w", buffering=1, encoding="utf-8") as news:
        source = io.FileIO(0, closefd=False)
        job = wire.decode(lambda size: _exactly(source, size), wire.Caps(frame=1 << 30))
        threading.Thread(target=_leave_with_the_runner, args=(source,), daemon=True).start()

        def tell(fact: dict[str, Any]) -> None:
            news.write(json.dumps(fact) + "\n")

        try:
            return _run(job, tell)
        except LabrunError as error:
            tell({"fault": str(error), "help": error.help})
            return 70
        finally:
            sys.stdout.flush()  # the runner kills this process once the news end, and reads the log


def _run(job: dict[str, Any], tell: Any) -> int:
    tables = job["tables"]
    plugin = Plugin(
        SANDBOXES[job["sandbox"]](**job["recipe"]),
        limits=Limits.model_validate(job["limits"]),
        labels=job["labels"],
        given=Given(files=job["files"], preload=job["preload"], model=job["model"]),
        table=lambda name: _table(tables, name),
        seed=job["seed"],
        tell=tell,
    )
    tests = Path(job["tests"])
    arguments = [
        *("-c", os.devnull, f"--rootdir={tests.parent}", f"--confcutdir={tests.parent}"),
        *("-p", "no:cacheprovider", "-p", "no:faulthandler", "--import-mode=importlib"),
        *("-q", "--tb=short", "--no-header", "--strict-markers", "--color=no", str(tests)),
    ]
    faults = _Faults()
    try:
        code = int(pytest.main(arguments, plugins=[plugin, faults]))
    finally:
        plugin.close()
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


def _leave_with_the_runner(source: io.FileIO) -> None:
    source.read(1)
    os._exit(1)


def run() -> int:
    """Run with the descriptor that stands in the arguments."""
    return main(int(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(run())
