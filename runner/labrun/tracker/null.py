"""Record nothing; for authors and tests."""

from labrun.tracker.base import TRACKERS, TrackerEntry


@TRACKERS.register("null")
class NullTracker:
    """Forget every grade."""

    def warm_up(self) -> None:
        """See `Tracker.warm_up`."""

    def record(self, entry: TrackerEntry) -> str:
        """See `Tracker.record`; there is no run, so its address is the submission's name."""
        return f"null:{entry.result.submission.id}"

    def runs_url(self, lab: str) -> str:
        """See `Tracker.runs_url`."""
        return f"null:{lab}"
