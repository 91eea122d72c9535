"""What a tracker promises, and the registry operators name them by."""

from pathlib import Path
from typing import Protocol

from labrun.domain.leaderboard import Board
from labrun.domain.record import Record
from labrun.domain.result import Result
from labrun.registry import Registry


class TrackerEntry(Record):
    """One graded submission as its learner may see it, with the files that go along.

    ``artifacts`` are bytes by relative POSIX path; ``params`` and ``tags`` are what a result does
    not say, such as seeds. ``board`` is the leaderboard with this submission on it.
    """

    result: Result
    artifacts: dict[str, bytes] = {}
    board: Board | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}


class Tracker(Protocol):
    """A place that keeps grades for trainers to look at."""

    def record(self, entry: TrackerEntry) -> str:
        """Record one grade and return the address of its run.

        Recording a submission again changes nothing and returns the same address. Raises
        `TrackerError` where the place cannot be reached or written; nobody's fault but ours.
        """
        ...

    def describe(self, board: Board) -> None:
        """Show the official ranks of a lab anew, beside its runs, or raise `TrackerError`."""
        ...

    def runs_url(self, lab: str) -> str:
        """Return the address of the runs of a lab, best first, or raise `TrackerError`."""
        ...

    def warm_up(self) -> None:
        """Import what recording needs, while there is nothing else to do."""
        ...


class Connect(Protocol):
    """Make a tracker; nothing is opened before it is used.

    ``uri`` is the store, ``artifacts`` the folder of files where the store is a local database,
    ``ui_url`` where its pages are served.
    """

    def __call__(self, *, uri: str, artifacts: Path | None, ui_url: str) -> Tracker:
        """See the class."""
        ...


TRACKERS: Registry[Connect] = Registry("tracker", "labrun.tracker")
