"""The box that the hidden tests of one submission share, each in a fork of its own."""

from dataclasses import dataclass, field

from labrun import wire
from labrun.domain.lab import Limits
from labrun.sandbox.base import Sandbox
from labrun.sandbox.proxy import Link

ENDS = frozenset({"exit", "fault"})  # the last news of a job


@dataclass(frozen=True)
class Given:
    """What goes into the box: the submission, what it imports, the model that its fit made."""

    files: dict[str, bytes]
    preload: list[str]
    model: bytes | None = None


@dataclass
class UnitBox:
    """Started when a test first needs it, and anew after one that broke it."""

    sandbox: Sandbox
    limits: Limits
    labels: dict[str, str]
    given: Given
    link: Link | None = field(default=None, init=False)

    def ready(self) -> Link:
        """Return the link to a box that holds the submission and has run none of it."""
        if self.link and self.link.session.failure is None:
            return self.link
        self.close()
        box = self.sandbox.start(self.limits, labels=self.labels)
        link = Link(box, caps=wire.Caps(frame=self.limits.output_mb << 20))
        try:
            link.session.request("hello", preload=self.given.preload)
            link.session.request("put", folder="work", files=self.given.files)
        except BaseException:
            box.kill()
            raise
        self.link = link
        return link

    def close(self) -> None:
        """Kill the box, if there is one."""
        if self.link:
            self.link.session.box.kill()
            self.link = None
