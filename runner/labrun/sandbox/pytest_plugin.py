"""Hidden tests in the trusted process: fixtures that reach the sandbox, results from hooks."""

import hashlib
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import pytest

from labrun.domain.evidence import Ending, UnitEnding, UnitResult
from labrun.sandbox.base import PhaseEnded
from labrun.sandbox.proxy import Fitted, Module, RemoteError
from labrun.sandbox.unit_box import UnitBox

DEFAULT_SECONDS = 5.0
ENDINGS = {
    Ending.TIMED_OUT: UnitEnding.TIMED_OUT,
    Ending.OUT_OF_MEMORY: UnitEnding.OUT_OF_MEMORY,
    Ending.CRASHED: UnitEnding.DIED,
    Ending.INVALID_OUTPUT: UnitEnding.PROTOCOL,
    Ending.NO_OUTPUT: UnitEnding.PROTOCOL,
}
MESSAGE_CHARS = 4000

Tell = Callable[[dict[str, Any]], None]


class Plugin:
    """One run of hidden tests; the box is shared, and each test gets a fork of its own."""

    def __init__(self, box: UnitBox, *, table: Callable[[str], Any], seed: int, tell: Tell) -> None:
        self._box = box
        self._table = table
        self._seed = seed
        self._tell = tell
        self.results: dict[str, UnitResult] = {}

    # fixtures

    @pytest.fixture
    def module(self, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Module]]:
        """Return any module of the submission, by name."""
        limits = request.node.get_closest_marker("limits")
        link = self._box.ready()
        link.seconds = (
            float(limits.kwargs.get("timeout", DEFAULT_SECONDS)) if limits else (DEFAULT_SECONDS)
        )
        link.session.request("fork")
        yield lambda name: Module(link, name)
        link.session.end_child()

    @pytest.fixture
    def solution(self, module: Callable[[str], Module]) -> Module:
        """Return the learner's module solution.py."""
        return module("solution")

    @pytest.fixture
    def fitted(self) -> Fitted:
        """Return the model that the submission's own fit made, to be a function's first argument.

        A test that fits for itself costs the learner the time of a fit; most need not.
        """
        if self._box.given.model is None:
            raise PhaseEnded(Ending.NO_OUTPUT, "there is no fitted model")
        return Fitted(self._box.given.model)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Return a generator whose draws differ between runs and between tests."""
        name = hashlib.sha256(request.node.name.encode()).digest()[:8]
        return np.random.default_rng([self._seed, int.from_bytes(name, "big")])

    @pytest.fixture
    def table(self) -> Callable[[str], Any]:
        """Return a function that gives a table of the data set as a DataFrame."""
        return self._table

    # hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the markers authors use."""
        config.addinivalue_line("markers", "points(n, hint): what the test is worth, and its hint")
        config.addinivalue_line("markers", "limits(timeout): seconds each call may take")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say how many tests there are and how long they may take."""
        seconds = [_seconds(item) for item in session.items]
        self._tell({"collected": [item.nodeid for item in session.items], "seconds": sum(seconds)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Forget what the learner's code answered to earlier tests: this one may not ask it."""
        if self._box.link:
            self._box.link.replies = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take the result of a test from pytest itself; output is never looked at."""
        report = yield
        if call.when == "call" or (call.when == "setup" and not report.passed):
            result = self._judged(item, call, passed=report.passed)
            self.results[item.nodeid] = result
            self._tell({"result": result.model_dump(mode="json")})
        return report

    def _judged(
        self, item: pytest.Item, call: pytest.CallInfo[None], *, passed: bool
    ) -> UnitResult:
        points = item.get_closest_marker("points")
        error = call.excinfo.value if call.excinfo else None
        replies = self._box.link.replies if self._box.link else 0
        return UnitResult(
            test=item.nodeid.partition("::")[2],
            ending=UnitEnding.PASSED if passed else _ending(error, replies),
            points=float(points.args[0]) if points and points.args else 1.0,
            hint=points.kwargs.get("hint") if points else None,
            message=f"{type(error).__name__}: {error}"[:MESSAGE_CHARS] if error else "",
            seconds=round(call.duration, 3),
        )


def _ending(error: BaseException | None, replies: int) -> UnitEnding:
    if isinstance(error, PhaseEnded):
        return ENDINGS.get(error.ending, UnitEnding.PROTOCOL)
    if isinstance(error, RemoteError):
        return UnitEnding.RAISED
    # A test that fails before the learner's code said anything is the author's mistake.
    return UnitEnding.WRONG if replies and error else UnitEnding.LAB_ERROR


def _seconds(item: pytest.Item) -> float:
    limits = item.get_closest_marker("limits")
    timeout = limits.kwargs.get("timeout", DEFAULT_SECONDS) if limits else DEFAULT_SECONDS
    return float(timeout)
