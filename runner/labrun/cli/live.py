"""Progress on standard error: one line that moves on a terminal, plain lines elsewhere."""

import sys
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # commands that run nothing need not import what runs phases
    from labrun.sandbox.phases import PhaseEvent

CLEAR = "\r\x1b[K"


class Live:
    """See `labrun.app.progress.Progress`."""

    def __init__(self) -> None:
        self._moving = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._shown = False

    def say(self, text: str) -> None:
        """Print one line that stays."""
        with self._lock:
            self._wipe()
            click.echo(text, err=True)

    def phase(self, event: "PhaseEvent") -> None:
        """Show elapsed time against the limit, and memory."""
        if event.result is not None:
            self._phase_ended(event)
            return
        parts = [f"  {event.phase:<10} {event.elapsed:5.1f} of {event.limits.wall_seconds:g} s"]
        if event.usage.memory_mb:
            parts.append(f"memory {event.usage.memory_mb:.0f}/{event.limits.memory_mb} MB")
        self._move("   ".join(parts))

    def _phase_ended(self, event: "PhaseEvent") -> None:
        if not self._moving and event.result:
            seconds = f"{event.result.seconds:.1f} s"
            self.say(f"  {event.phase:<10} {event.result.ending}   {seconds}")
        self.done()

    def tests(self, check: str, done: int, total: int) -> None:
        """Show how many tests have reported."""
        if self._moving:
            self._move(f"  {check:<10} {done} of {total} tests")
        elif total and done == total:
            self.say(f"  {check:<10} {total} tests run")

    def _move(self, text: str) -> None:
        if not self._moving:
            return
        with self._lock:
            click.echo(f"{CLEAR}{text}", err=True, nl=False)
            self._shown = True

    def _wipe(self) -> None:
        if self._shown:
            click.echo(CLEAR, err=True, nl=False)
            self._shown = False

    def done(self) -> None:
        """Take the moving line away."""
        with self._lock:
            self._wipe()
