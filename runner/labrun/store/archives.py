"""Collect a submission from an archive: members are read, nothing is ever extracted."""

from collections.abc import Iterator
from pathlib import Path

from labrun.domain.lab import Lab, SubmissionRules
from labrun.domain.submission import Submission
from labrun.errors import SubmissionError
from labrun.store import zip_members as zips
from labrun.store.archive_members import (
    MAX_BYTES,
    MAX_MEMBER,
    MAX_MEMBERS,
    Kind,
    Member,
    quoted,
    refused,
)
from labrun.store.intake import (
    Collected,
    Entry,
    left_out,
    printable,
    refuse_clash,
    refuse_empty,
    refuse_excess,
    require,
    unwanted_file,
    unwanted_folder,
)
from labrun.store.tar_members import tar_members

ENDINGS = (".zip", ".tar.gz", ".tgz", ".tar")
MAX_PATH = 1000

_WEB_PAGE = (b"<!doctype", b"<html", b"<?xml")
_OTHERS = {
    zips.MAGIC[:2] + b"\x05\x06": "is an empty archive",
    b"BZh": "is packed with bzip2",
    b"\xfd7zXZ": "is packed with xz",
    b"\x28\xb5\x2f\xfd": "is packed with zstd",
    b"7z\xbc\xaf": "is a 7z archive",
    b"Rar!": "is a RAR archive",
}


def is_archive_name(name: str) -> bool:
    """Return whether a file of this name is taken for an archive."""
    return name.lower().endswith(ENDINGS)


def stem_of(name: str) -> str:
    """Return the name without the ending of an archive."""
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)]


def collect_archive(lab: Lab, path: Path) -> Collected:
    """Return the files of the archive that the lab asks for, under the rules for folders.

    Raises `SubmissionError`, naming the member, where the archive is damaged, passes a limit, or
    holds what is neither a folder nor a regular file; that costs no attempt.
    """
    rules, where = lab.submission, printable(str(path))
    members = _without_top(_placed(_members(_bytes(path, where), where), where), rules)
    entries = _judged(members, rules, where)
    wanted = [entry for entry in entries if entry.why is None]
    require(rules, where, entries)
    refuse_clash(where, wanted)
    refuse_excess(rules, where, wanted)
    files = {entry.path: members[entry.path].read() for entry in wanted}
    refuse_empty(rules, where, files)
    submission = Submission(lab=lab.slug, files=files)
    return Collected(submission=submission, left_out=left_out(entries))


def _bytes(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{where} cannot be read: {error.strerror}"
        raise SubmissionError(msg, help="name the archive that holds your work") from None
    if len(body) > MAX_BYTES:
        raise refused(where, f"has more than {MAX_BYTES / 1e6:g} MB", "pack only what is asked for")
    return body


def _members(body: bytes, where: str) -> Iterator[Member]:
    if what := _no_archive(body):
        raise refused(where, what)
    read = zips.zip_members if body.startswith(zips.MAGIC) else tar_members
    for number, member in enumerate(read(body, where), 1):
        if number > MAX_MEMBERS:
            raise refused(where, f"holds more than {MAX_MEMBERS:,} entries")
        yield member


def _no_archive(body: bytes) -> str | None:
    if not body.strip(b"\0"):
        return "is empty"
    if body[:100].lstrip().lower().startswith(_WEB_PAGE):
        return "is a web page, not an archive (saved while logged out?)"
    return next((what for magic, what in _OTHERS.items() if body.startswith(magic)), None)


def _placed(members: Iterator[Member], where: str) -> dict[str, Member]:
    """Return the members by path; none twice, none below a file."""
    placed: dict[str, Member] = {}
    for member in members:
        path = _path(member, where)
        twin = placed.get(path)
        if twin and not (twin.kind is member.kind is Kind.FOLDER):
            raise refused(where, f"holds {quoted(path)} twice")
        placed[path] = member
    placed.pop("", None)
    for path in placed:
        for above in _folders_above(path):
            if above in placed and placed[above].kind is not Kind.FOLDER:
                raise refused(where, f"holds {quoted(above)} and something below it")
    return placed


def _path(member: Member, where: str) -> str:
    """Return the member's path, without ``./`` and the last slash, if an archiver could make it."""
    name = member.name
    path = name.removeprefix("./").removesuffix("/")
    is_root = member.kind is Kind.FOLDER and path in ("", ".")
    parts = () if is_root else path.split("/")
    faults = {
        f"has a path of more than {MAX_PATH:,} characters": len(name) > MAX_PATH,
        "has a name with characters that do not show": not name.isprintable(),
        "has a name with a backslash": "\\" in name,
        "has an absolute path": name.startswith("/"),
        "has a path that leads elsewhere": ".." in parts,
        "has a path with an empty part": bool({"", "."} & {*parts}),
    }
    for why, is_so in faults.items():
        if is_so:
            raise refused(where, f"holds {quoted(name)}, which {why}")
    return "" if is_root else path


def _folders_above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _without_top(members: dict[str, Member], rules: SubmissionRules) -> dict[str, Member]:
    """Take away the one folder that file managers put round everything."""
    tops = {top for path in members if not _is_litter(top := path.partition("/")[0])}
    if len(tops) != 1:
        return members
    (top,) = tops
    below = f"{top}/"
    is_folder = top not in members or members[top].kind is Kind.FOLDER
    if not is_folder or any(path.startswith(below) for path in rules.require):
        return members
    return {path.removeprefix(below): each for path, each in members.items() if path != top}


def _is_litter(top: str) -> bool:
    return top.startswith(".") or top == "__MACOSX"  # put there by the file manager


def _judged(members: dict[str, Member], rules: SubmissionRules, where: str) -> list[Entry]:
    entries = {
        entry.path: entry
        for path, member in members.items()
        if (entry := _judge(path, member, rules, where))
    }
    return sorted(entries.values())


def _judge(path: str, member: Member, rules: SubmissionRules, where: str) -> Entry | None:
    """Return what becomes of a member; None for a folder that is just a folder."""
    is_folder = member.kind is Kind.FOLDER
    for folder in (*_folders_above(path), *((path,) if is_folder else ())):
        if why := unwanted_folder(folder, rules):
            return Entry(f"{folder}/", why)
    if is_folder:
        return None
    if member.kind is not Kind.FILE:
        what = f"holds {quoted(path)}, which is {member.kind.value}"
        raise refused(where, what, "an archive may hold only folders and regular files")
    why = unwanted_file(path, rules)
    if why is None and member.size > MAX_MEMBER:
        raise refused(where, f"holds {quoted(path)} of more than {MAX_MEMBER / 1e6:g} MB")
    return Entry(path, why, 0 if why else member.size)
