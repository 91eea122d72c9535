"""What every forge is told: one comment that is kept current, and the state of a commit."""

from typing import Literal, Protocol

from labrun.domain.record import Record

State = Literal["success", "failure", "error"]


class News(Record):
    """What is to be told of one commit; ``comment`` begins with the marker it is found by."""

    commit: str
    state: State
    headline: str
    comment: str
    marker: str
    url: str | None = None


class Posted(Record):
    """What a forge did; a comment is left alone where the pull request has moved on."""

    comment: Literal["created", "updated", "outdated"]
    status: bool


class Forge(Protocol):
    """A pull request on a server."""

    def post(self, news: News) -> Posted:
        """Tell the news; raise `ForgeError` where the server does not take it."""
        ...
