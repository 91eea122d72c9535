"""Run the tests of a `hidden-tests` check in a trusted child process and gather the results."""

import ast
import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import labrun
from labrun import wire
from labrun.domain.evidence import UnitResult, UnitRun
from labrun.domain.lab import Limits
from labrun.domain.syntax import tree_of
from labrun.errors import SandboxError
from labrun.sandbox.base import Sandbox
from labrun.sandbox.labels import UNIT_LABEL
from labrun.sandbox.unit_box import ENDS
from labrun.standby.client import Running, start

COLLECT_SECONDS = 120.0
SLACK_SECONDS = 60.0  # starting a box again after a test that killed it, in all
SLACK_PER_TEST = 5.0
LOG_CHARS = 20_000

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class UnitJob:
    """The tests of one check: ``tables`` maps the names tests may ask for to CSV files.

    ``model`` is what the submission's own fit made, as opaque bytes; None where there is none.
    """

    check: str
    tests: Path
    files: Mapping[str, bytes]
    tables: Mapping[str, Path]
    limits: Limits
    labels: Mapping[str, str]
    seed: int
    model: bytes | None = None


class Tester:
    """A trusted child process that runs hidden tests of one submission, check by check.

    It imports what it needs as soon as it is made, so one that is made ahead is ready when its job
    comes; a fork of the ``standby`` of a home has imported it already. The tests of all its jobs
    share a box, in which each has a fork of its own. Closing it ends it, whatever it does.
    """

    def __init__(self, standby: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="labrun-unit-")
        self._log = Path(self._folder.name) / "log"
        self._news, writer = os.pipe()
        job, self._job = os.pipe()
        with self._log.open("wb") as sink:
            descriptors = (job, sink.fileno(), sink.fileno(), writer)
            self._process = _forked(standby, self._folder.name, descriptors) or _Started(
                self._folder.name, descriptors
            )
        os.close(writer)
        os.close(job)
        self._unit = secrets.token_hex(8)
        self._used: Sandbox | None = None
        self._read = 0
        self.usable = True

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End it and all it started; calling it twice is harmless."""
        if self._news < 0:
            return
        os.close(self._job)
        self._process.close()
        os.close(self._news)
        self._news = -1
        self._folder.cleanup()
        if self._used:
            self._used.clear(UNIT_LABEL, self._unit)  # it was killed before it could

    def run(self, job: UnitJob, sandbox: Sandbox, *, progress: Tell) -> UnitRun:
        """Return the result of every test; ``progress`` hears how many of how many are done.

        Raises `SandboxError` for faults of the platform. A test file that cannot be collected, or
        a test that never reported, leaves the run incomplete, which is the lab's fault. It takes
        another job if it is ``usable`` after this one.
        """
        started = time.monotonic()
        self._used, self.usable = sandbox, False
        self._send(_described(job, sandbox, self._unit))
        facts = _listen(self._news, progress)
        self.usable = "exit" in facts
        text = self._told()
        if fault := facts.get("fault"):
            msg = f"hidden tests: {fault}"
            raise SandboxError(msg, help=facts.get("help"))
        results = tuple(facts["results"].values())
        complete = "exit" in facts and bool(results) and set(facts["results"]) == facts["collected"]
        return UnitRun(
            check=job.check,
            complete=complete,
            results=results,
            seconds=round(time.monotonic() - started, 3),
            log="" if complete else text,
        )

    def _told(self) -> str:
        """Return the end of what this job printed."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            body = log.read()
        self._read += len(body)
        return body.decode("utf-8", errors="replace")[-LOG_CHARS:]

    def _send(self, described: dict[str, Any]) -> None:
        with (
            contextlib.suppress(BrokenPipeError),
            os.fdopen(self._job, "wb", closefd=False) as pipe,
        ):
            pipe.write(wire.to_bytes(described))  # if it broke, the news say what happened


class _Started:
    """A process of our own; the same as `Running`, which is a fork of the standby."""

    def __init__(self, folder: str, descriptors: tuple[int, int, int, int]) -> None:
        stdin, stdout, stderr, news = descriptors
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "labrun.sandbox.unit_main", str(news)],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=[news],
            cwd=folder,
            env=_environment(Path(folder)),
            start_new_session=True,
        )

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _forked(
    standby: Path | None, folder: str, descriptors: tuple[int, int, int, int]
) -> Running | None:
    if standby is None:
        return None
    return start(
        standby,
        "labrun.sandbox.unit_main:run",
        arguments=["unit_main"],
        descriptors=descriptors,
        environment=_environment(Path(folder)),
        folder=folder,
    )


def run_units(job: UnitJob, sandbox: Sandbox, *, progress: Tell) -> UnitRun:
    """Run one check in a child of its own; see `Tester.run`."""
    with Tester() as tester:
        return tester.run(job, sandbox, progress=progress)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(labrun.__file__).parent.parent),  # and nothing of the caller's
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _described(job: UnitJob, sandbox: Sandbox, unit: str) -> dict[str, Any]:
    return {
        "sandbox": sandbox.name,
        "recipe": sandbox.recipe(),
        "limits": job.limits.model_dump(mode="json"),
        "labels": {**job.labels, UNIT_LABEL: unit},
        "files": dict(job.files),
        "preload": imported(job.files),
        "model": job.model,
        "tables": {name: str(path) for name, path in job.tables.items()},
        "seed": job.seed,
        "tests": str(job.tests),
    }


def _listen(news: int, progress: Tell) -> dict[str, Any]:
    facts: dict[str, Any] = {"results": {}, "collected": set()}
    deadline = time.monotonic() + COLLECT_SECONDS
    body = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([news], [], [], left)[0]:
            break
        part = os.read(news, 65536)
        if not part:
            break
        *lines, body = (body + part).split(b"\n")
        for line in lines:
            fact = json.loads(line)
            deadline = _note(facts, fact, deadline)
            if "result" in fact:
                progress(len(facts["results"]), len(facts["collected"]))
        if facts.keys() & ENDS:
            break
    return facts


def _note(facts: dict[str, Any], fact: dict[str, Any], deadline: float) -> float:
    if "collected" in fact:
        facts["collected"] = {name.partition("::")[2] for name in fact["collected"]}
        slack = SLACK_SECONDS + SLACK_PER_TEST * len(fact["collected"])
        return time.monotonic() + 4 * float(fact["seconds"]) + slack
    if "result" in fact:
        result = UnitResult.model_validate(fact["result"])
        facts["results"][result.test] = result
    else:
        facts.update(fact)
    return deadline


def imported(files: Mapping[str, bytes]) -> list[str]:
    """Return the modules the submission imports from the image, to be loaded once for all tests.

    Only names are taken from learner code; it is not run, and a name that is not there is left out.
    """
    own = {name.partition("/")[0].removesuffix(".py") for name in files}
    found: set[str] = set()
    for name, body in files.items():
        if not name.endswith(".py"):
            continue
        try:
            tree = tree_of(body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return sorted(name for name in found if name.partition(".")[0] not in own)[:64]
