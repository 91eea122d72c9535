"""What a sealed file says of itself and of the files in it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from labrun.domain.record import Digest, Record, Slug
from labrun.store.sealed_stream import PREFIX_BYTES, SALT_BYTES

CHUNK = 1 << 20
MAX_PATH = 400


def safe_path(path: str) -> str:
    """Return ``path`` if it is a plain relative one of printable names, else raise `ValueError`."""
    parts = path.split("/")
    if (
        not path.isprintable()
        or len(path.encode()) > MAX_PATH
        or "\\" in path
        or any(part in ("", ".", "..") for part in parts)
    ):
        msg = f"{path!a} is not a plain name"
        raise ValueError(msg)
    return path


SafePath = Annotated[str, AfterValidator(safe_path)]


class ClearFile(Record):
    """What a file that stays in the clear must be."""

    size: int = Field(ge=0)
    sha256: Digest


class SealedTables(Record):
    """The lab's data set: its digest when it was sealed, and the names of the sealed tables."""

    name: Slug
    digest: Digest
    private: tuple[SafePath, ...]


class About(Record):
    """What is said of the lab in the clear, and cannot be changed without the key."""

    slug: Slug
    version: str
    lab_digest: Digest
    dataset: SealedTables | None = None
    clear: dict[SafePath, ClearFile]


class Header(Record):
    """How to open the file: ``key_id`` names the key, ``size`` counts plain bytes."""

    cipher: Literal["AES-256-GCM"] = "AES-256-GCM"
    key_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    salt: str = Field(pattern=rf"^[0-9a-f]{{{2 * SALT_BYTES}}}$")
    nonce: str = Field(pattern=rf"^[0-9a-f]{{{2 * PREFIX_BYTES}}}$")
    chunk: int = Field(default=CHUNK, gt=0, le=1 << 26)
    size: int = Field(ge=0)
    lab: About


class Entry(Record):
    """One sealed file."""

    path: SafePath
    size: int = Field(ge=0)
    sha256: Digest
    executable: bool = False


class Manifest(Record):
    """Every sealed file, in order."""

    files: tuple[Entry, ...]
