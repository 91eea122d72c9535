"""A pull request on GitHub."""

from collections.abc import Mapping
from typing import Any

from labrun.forge.api import Api
from labrun.forge.base import News, Posted

VERSION = "2022-11-28"
CONTEXT = "labrun/grade"
LONGEST = 140  # characters of a status; GitHub takes no more
US = "github-actions[bot]"


class GitHub:
    """Pull request ``number`` of ``repository`` (``owner/name``); ``us`` is who posts there."""

    def __init__(
        self, root: str, token: str, *, repository: str, number: int, us: str = US
    ) -> None:
        self._api = Api(root, {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": VERSION})
        self._place = f"/repos/{repository}"
        self._number = number
        self._us = us

    def post(self, news: News) -> Posted:
        """Set the commit's status, then write the comment unless a newer commit is there."""
        self._status(news)
        pull = self._api.ask("GET", f"{self._place}/pulls/{self._number}")
        if pull["head"]["sha"] != news.commit:
            return Posted(comment="outdated", status=True)
        comments = f"{self._place}/issues/{self._number}/comments"
        mine = next((each for each in self._api.pages(comments) if self._is_ours(each, news)), None)
        if mine is None:
            self._api.ask("POST", comments, {"body": news.comment})
            return Posted(comment="created", status=True)
        place = f"{self._place}/issues/comments/{int(mine['id'])}"
        self._api.ask("PATCH", place, {"body": news.comment})
        return Posted(comment="updated", status=True)

    def _status(self, news: News) -> None:
        told = {"state": news.state, "context": CONTEXT, "description": news.headline[:LONGEST]}
        address = {"target_url": news.url} if news.url else {}
        self._api.ask("POST", f"{self._place}/statuses/{news.commit}", told | address)

    def _is_ours(self, comment: Mapping[str, Any], news: News) -> bool:
        """Anybody can write the marker; what others wrote stays theirs."""
        author = comment.get("user") or {}
        return author.get("login") == self._us and comment["body"].startswith(news.marker)
