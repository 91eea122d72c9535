"""Where a job of a forge says which pull request it is about."""

import os
from typing import Literal

from pydantic import SecretStr

from labrun.domain.record import Record
from labrun.errors import UserError
from labrun.forge.base import Forge
from labrun.forge.github import GitHub
from labrun.forge.gitlab import GitLab

TOKEN = "LABRUN_FORGE_TOKEN"  # noqa: S105  (a name)


class Job(Record):
    """A pull request on a forge, the token to write there, and where this run can be seen."""

    forge: Literal["github", "gitlab"]
    api: str
    place: str
    number: int
    token: SecretStr
    url: str | None

    def open(self) -> Forge:
        """Return the forge, of which nothing is asked yet."""
        token = self.token.get_secret_value()
        if self.forge == "github":
            return GitHub(self.api, token, repository=self.place, number=self.number)
        return GitLab(self.api, token, project=self.place, number=self.number)


def read_job(forge: Literal["github", "gitlab"], number: int | None) -> Job:
    """Return what the environment of a job says; ``number`` stands in for its own."""
    if forge == "github":
        server, where, run = _some("GITHUB_SERVER_URL"), _must("GITHUB_REPOSITORY"), "GITHUB_RUN_ID"
        url = f"{server}/{where}/actions/runs/{_some(run)}" if server and _some(run) else None
        return Job(
            forge=forge,
            api=_must("GITHUB_API_URL"),
            place=where,
            number=_number(number),
            token=SecretStr(_must(TOKEN)),
            url=url,
        )
    return Job(
        forge=forge,
        api=_must("CI_API_V4_URL"),
        place=_must("CI_PROJECT_ID"),
        number=_number(number or _whole(_some("CI_MERGE_REQUEST_IID"))),
        token=SecretStr(_must(TOKEN)),
        url=_some("CI_JOB_URL") or None,
    )


def _some(name: str) -> str:
    return os.environ.get(name, "")  # noqa: TID251  (a job is told of its pull request there)


def _must(name: str) -> str:
    if found := _some(name):
        return found
    raise UserError(f"{name} is not set", help="the forge sets it in a job; see docs/ci.md")  # noqa: EM102, TRY003


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _number(number: int | None) -> int:
    if number is not None:
        return number
    msg = "it is not known which pull request is meant"
    raise UserError(msg, help="give its number: --number N")
