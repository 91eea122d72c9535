"""What a sandbox promises, and the registry operators name them by."""

from collections.abc import Mapping
from typing import Protocol

from labrun.domain.evidence import Ending, LearnerError
from labrun.domain.lab import Limits
from labrun.domain.record import Record
from labrun.registry import Registry
from labrun.sandbox.channel import Channel


class PhaseEnded(Exception):  # noqa: N818  (an ending is not an error of labrun's)
    """Learner code brought its phase to an end before it answered."""

    def __init__(
        self,
        ending: Ending,
        detail: str,
        *,
        error: LearnerError | None = None,
        exit_code: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.exit_code = exit_code
        self.ending = ending
        self.detail = detail
        self.error = error


class Usage(Record):
    """What a sandbox has used so far, read outside it; None where it cannot be known."""

    cpu_seconds: float | None = None
    memory_mb: float | None = None


class PostMortem(Record):
    """Why the process in a sandbox is gone, read outside it."""

    running: bool
    exit_code: int | None = None
    out_of_memory: bool = False


class Box(Protocol):
    """One running sandbox, used once and then killed; ``warm`` if it had waited for its use."""

    channel: Channel
    warm: bool

    def usage(self) -> Usage:
        """Return processor time and peak memory."""
        ...

    def post_mortem(self) -> PostMortem:
        """Return how the process ended, waiting a moment for the news."""
        ...

    def ran_out_of_memory(self) -> bool:
        """Return whether any process in it was killed for memory, even if the first one lives."""
        ...

    def log(self) -> str:
        """Return what it printed so far, bounded; bytes past the cap were discarded."""
        ...

    def kill(self) -> None:
        """End it and leave nothing behind; calling it twice is harmless."""
        ...


class Sandbox(Protocol):
    """Starts boxes for learner code.

    What learner code does is an ending, never an exception of labrun's. A `SandboxError` means
    the sandbox itself failed, so the attempt is not the learner's and is not counted.
    """

    name: str
    official: bool
    image_id: str | None

    def recipe(self) -> dict[str, str | None]:
        """Return the arguments that make the same sandbox in another process."""
        ...

    def clear(self, label: str, value: str) -> None:
        """Kill every box that carries the label with this value, whoever started it."""
        ...

    def close(self) -> None:
        """Let go of what it holds, such as connections."""
        ...

    def start(self, limits: Limits, *, labels: Mapping[str, str]) -> Box:
        """Return a fresh box in which the shim waits and no learner code has run."""
        ...


SANDBOXES: Registry[type[Sandbox]] = Registry("sandbox", "labrun.sandbox.backends")
