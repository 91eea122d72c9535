"""One member of an archive, before anybody has judged it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from labrun.errors import SubmissionError
from labrun.store.intake import printable

MAX_BYTES = 25_000_000  # the archive
MAX_UNPACKED = 50_000_000
MAX_MEMBER = 20_000_000
MAX_MEMBERS = 2000

SHOWN = 60
PACK_AGAIN = "pack your files again, as .zip or .tar.gz, or hand in the folder"


class Kind(enum.Enum):
    """What a member says it is."""

    FILE = "a regular file"
    FOLDER = "a folder"
    LINK = "a link"
    SPECIAL = "a device or pipe"


@dataclass(frozen=True)
class Member:
    """A member: ``name`` is as the archive has it, ``size`` in bytes is what its header claims.

    ``read()`` returns exactly ``size`` bytes, or raises `SubmissionError` where that was a lie.
    """

    name: str
    kind: Kind
    size: int
    read: Callable[[], bytes]


def refused(where: str, what: str, help: str = PACK_AGAIN) -> SubmissionError:
    """Return the error for an archive called ``where``, whose fault is ``what``."""
    return SubmissionError(f"{where} {what}", help=help)


def quoted(name: str) -> str:
    """Return a member's name in quotes, printable and short."""
    shown = printable(name[: 2 * SHOWN])
    return f"'{shown}'" if len(shown) <= SHOWN else f"'{shown[:SHOWN]}…'"
