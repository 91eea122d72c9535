"""One thing that `labrun doctor` examined."""

from typing import Literal

from labrun.domain.record import Record

State = Literal["ok", "warning", "failed"]


class Finding(Record):
    """What was found, and what to do about it; ``failed`` means that grades cannot be trusted."""

    name: str
    state: State
    detail: str
    help: str | None = None


def found(name: str, detail: str, *, state: State = "ok", help: str = "") -> Finding:
    """Return a finding; ``help`` is told only where something is wrong."""
    return Finding(name=name, state=state, detail=detail, help=None if state == "ok" else help)
