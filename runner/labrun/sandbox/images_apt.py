"""Finds, in the host's own apt sources, the mirror a base image can be made from."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from labrun.domain.record import Record
from labrun.errors import ImageError

DEBIAN_SUITE = "bookworm"  # the Debian release with Python 3.11
FIRST_FILES = ("sources.list", "debian.sources", "ubuntu.sources")
FETCHABLE = ("http://", "https://", "ftp://", "file:")
MIRROR_LIST = "mirror+file:"


class Source(Record):
    """One place packages come from: a mirror, one suite of it and the suite's components."""

    uri: str
    suite: str
    components: tuple[str, ...]
    keyring: str | None = None
    trusted: bool = False


class Distribution(Record):
    """What debootstrap needs to make a tree with Python 3.11."""

    suite: str
    mirror: str
    components: tuple[str, ...]
    python: str
    options: tuple[str, ...] = ()


def choose(etc: Path) -> Distribution:
    """Return what to bootstrap from, as the files below ``etc`` (usually /etc) name it.

    Raises `ImageError` where the host is neither Debian nor Ubuntu, or names no mirror.
    """
    release = read_release(etc)
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    sources = read_sources(etc / "apt")
    if "ubuntu" in family:
        suite = release.get("UBUNTU_CODENAME") or release.get("VERSION_CODENAME", "")
        found = _first(sources, [suite], {"main", "universe"}) or _first(sources, [suite], {"main"})
        if found:
            return _distribution(found, suite, ("main", "universe"), "python3.11")
    elif "debian" in family:
        codename = release.get("VERSION_CODENAME", DEBIAN_SUITE)
        found = _first(sources, [codename, "stable", "testing", "sid", "unstable"], {"main"})
        if found:
            return _distribution(found, DEBIAN_SUITE, ("main",), "python3")
    msg = "no base image: this host's apt sources name no Debian or Ubuntu mirror"
    help_ = "allow an image registry, or load python:3.11-slim-bookworm into the engine yourself"
    raise ImageError(msg, help=help_)


def read_release(etc: Path) -> dict[str, str]:
    """Return the fields of os-release; none where the file is missing."""
    try:
        text = (etc / "os-release").read_text()
    except OSError:
        return {}
    fields = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in fields}


def read_sources(apt: Path) -> list[Source]:
    """Return the package sources of an apt folder, the distribution's own files first."""
    parts = [*apt.glob("sources.list.d/*.list"), *apt.glob("sources.list.d/*.sources")]
    files = [path for path in (apt / "sources.list", *sorted(parts)) if path.is_file()]
    files.sort(key=lambda path: path.name not in FIRST_FILES)
    found: list[Source] = []
    for path in files:
        text = path.read_text(errors="replace")
        found += parse_deb822(text) if path.suffix == ".sources" else parse_lines(text)
    return [resolved for source in found if (resolved := _resolve(source))]


def parse_lines(text: str) -> list[Source]:
    """Read the one-line format: ``deb [options] uri suite component…``."""
    found = []
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line.strip())
        if not match:
            continue
        options, uri, suite, components = match.groups()
        fields = dict(each.split("=", 1) for each in (options or "").split() if "=" in each)
        found.append(_source(uri, suite, components, fields))
    return found


def parse_deb822(text: str) -> list[Source]:
    """Read the format of ``*.sources``: paragraphs of fields, each field maybe many words."""
    found = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = _fields(paragraph)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
            continue
        found += [
            _source(uri, suite, fields.get("components", ""), fields)
            for uri in fields.get("uris", "").split()
            for suite in fields.get("suites", "").split()
        ]
    return found


def _fields(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _source(uri: str, suite: str, components: str, fields: Mapping[str, str]) -> Source:
    keyring = fields.get("signed-by", "")
    return Source(
        uri=uri,
        suite=suite,
        components=tuple(components.split()),
        keyring=keyring if keyring.startswith("/") and " " not in keyring else None,
        trusted=fields.get("trusted") == "yes",
    )


def _resolve(source: Source) -> Source | None:
    # Cloud images name a file that lists mirrors; debootstrap wants one of them.
    uri = source.uri
    if uri.startswith(MIRROR_LIST):
        listed = Path("/" + uri.removeprefix(MIRROR_LIST).lstrip("/"))
        words = listed.read_text(errors="replace").split() if listed.is_file() else []
        uri = next((word for word in words if word.startswith(FETCHABLE)), "")
    return source.model_copy(update={"uri": uri}) if uri.startswith(FETCHABLE) else None


def _first(sources: Iterable[Source], suites: list[str], components: set[str]) -> Source | None:
    fitting = [each for each in sources if components <= set(each.components)]
    ranked = [each for suite in suites for each in fitting if each.suite == suite]
    return next(iter(ranked), None)


def _distribution(
    source: Source, suite: str, components: tuple[str, ...], python: str
) -> Distribution:
    options = ("--no-check-gpg",) if source.trusted else ()
    if source.keyring and not source.trusted:
        options = (f"--keyring={source.keyring}",)
    return Distribution(
        suite=suite, mirror=source.uri, components=components, python=python, options=options
    )
