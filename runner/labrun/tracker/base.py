"""What a tracker promises, and the registry operators name them by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from labrun.domain.leaderboard import Board
from labrun.domain.result import Result
from labrun.registry import Registry


@dataclass(frozen=True)
class TrackerEntry:
    """One kept grade; ``artifacts`` are files by path, ``board`` is the lab's leaderboard now."""

    result: Result
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    board: Board | None = None
    board_text: str = ""


class Tracker(Protocol):
    """Records grades where trainers look; the grade itself is kept elsewhere and first."""

    def warm_up(self) -> None:
        """Import what is slow, before there is anything to record."""
        ...

    def record(self, entry: TrackerEntry) -> str:
        """Record one grade and return the address of its run.

        Recording twice makes one run. Raises `TrackerError` where the server cannot be reached or
        refuses; the grade is then recorded later.
        """
        ...

    def runs_url(self, lab: str) -> str:
        """Return the address of a lab's runs, best first."""
        ...


TRACKERS: Registry[type[Tracker]] = Registry("tracker", "labrun.tracker")
