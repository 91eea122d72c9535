"""Record nothing; for authors and tests."""

from pathlib import Path

from labrun.domain.leaderboard import Board
from labrun.tracker.base import TRACKERS, TrackerEntry


@TRACKERS.register("null")
class NullTracker:
    """Forget every grade."""

    def __init__(self, *, uri: str, artifacts: Path | None, ui_url: str) -> None:
        del uri, artifacts, ui_url

    def record(self, entry: TrackerEntry) -> str:
        """See `Tracker.record`; there is no run to look at."""
        del entry
        return ""

    def describe(self, board: Board) -> None:
        """See `Tracker.describe`; nothing is shown."""
        del board

    def runs_url(self, lab: str) -> str:
        """See `Tracker.runs_url`; there are no runs."""
        del lab
        return ""

    def warm_up(self) -> None:
        """See `Tracker.warm_up`."""
