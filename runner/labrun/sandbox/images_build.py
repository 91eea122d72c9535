"""One build on the Docker engine: files in, progress out, no network."""

import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import DockerException
from requests.exceptions import RequestException

from labrun.errors import ImageError

DISCARD_LABEL = "labrun.stage"  # on the stages whose layers hold wheels and other left-overs
ERROR_CHARS = 400
TAIL_LINES = 5
CONFLICT = 409

Say = Callable[[str], None]


def build(
    client: APIClient,
    tag: str,
    *,
    files: Mapping[str, Path],
    args: Mapping[str, str],
    labels: Mapping[str, str],
    say: Say,
) -> None:
    """Build an image from a Dockerfile and the files it copies, each at its name in the build.

    A directory brings its files. Raises `ImageError` with the last lines the build printed.
    """
    with tempfile.TemporaryFile() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            for name, path in sorted(files.items()):
                archive.add(path, name, filter=_anonymous)
        context.seek(0)
        events = client.build(
            fileobj=context,
            custom_context=True,
            tag=tag,
            buildargs=dict(args),
            labels=dict(labels),
            network_mode="none",
            rm=True,
            forcerm=True,
            decode=True,
        )
        _follow(events, tag, say)
    _discard_stages(client)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    # The same content gives the same layer, whoever owns the files and whenever they were made.
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
    return member


def _follow(events: Iterator[dict[str, Any]], tag: str, say: Say) -> None:
    printed: list[str] = []
    for event in events:
        if "error" in event:
            tail = " | ".join([*printed[-TAIL_LINES:], str(event["error"])])
            msg = f"the build of {tag} failed: {tail[-ERROR_CHARS:]}"
            raise ImageError(msg, help="fix the Dockerfile or the lock it names, and build again")
        for line in str(event.get("stream", "")).splitlines():
            if step := re.match(r"Step \d+/\d+ : .*", line):
                say(f"    {step.group()}")
            elif "Using cache" in line:
                say("      reused")
            elif line.strip() and not line.startswith(" --->"):
                printed.append(line.strip())


def _discard_stages(client: APIClient) -> None:
    try:
        client.prune_images(  # type: ignore[no-untyped-call]
            filters={"dangling": True, "label": DISCARD_LABEL}
        )
    except (DockerException, RequestException) as error:
        # Another build may be using them; they go with the next one.
        if getattr(error, "status_code", None) != CONFLICT:
            raise
