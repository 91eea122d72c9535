"""A merge request on GitLab."""

from urllib.parse import quote

from labrun.forge.api import Api
from labrun.forge.base import News, Posted


class GitLab:
    """Merge request ``number`` of ``project`` (a number, or a path); the job is its own status."""

    def __init__(self, root: str, token: str, *, project: str, number: int) -> None:
        self._api = Api(root, {"PRIVATE-TOKEN": token})
        self._place = f"/projects/{quote(project, safe='')}/merge_requests/{number}"

    def post(self, news: News) -> Posted:
        """Write the note unless a newer commit is there; of others' notes none is touched."""
        request = self._api.ask("GET", self._place)
        if request["sha"] != news.commit:
            return Posted(comment="outdated", status=False)
        us = self._api.ask("GET", "/user")["id"]
        notes = f"{self._place}/notes"
        for note in self._api.pages(notes):
            if note["author"]["id"] == us and note["body"].startswith(news.marker):
                self._api.ask("PUT", f"{notes}/{int(note['id'])}", {"body": news.comment})
                return Posted(comment="updated", status=False)
        self._api.ask("POST", notes, {"body": news.comment})
        return Posted(comment="created", status=False)
