"""What a use case tells while it works; the command line decides how it looks."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # commands that run nothing need not import what runs phases
    from labrun.sandbox.phases import PhaseEvent


class Progress(Protocol):
    """Hears news; nothing depends on it."""

    def say(self, text: str) -> None:
        """Hear one sentence."""
        ...

    def phase(self, event: "PhaseEvent") -> None:
        """Hear how a phase is doing."""
        ...

    def tests(self, check: str, done: int, total: int) -> None:
        """Hear how far the tests of a check are."""
        ...


class Silence:
    """Tells nobody."""

    def say(self, text: str) -> None:
        """See `Progress.say`."""

    def phase(self, event: "PhaseEvent") -> None:
        """See `Progress.phase`."""

    def tests(self, check: str, done: int, total: int) -> None:
        """See `Progress.tests`."""
