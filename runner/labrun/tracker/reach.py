"""Whether a store can be used, found out in seconds: MLflow itself tries for minutes."""

import contextlib
import sqlite3
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from labrun.errors import TrackerError

SECONDS = 5
SQLITE = "sqlite:///"
KEPT = "the grade is kept; when the server answers: labrun record"


def check_reachable(uri: str) -> None:
    """Raise `TrackerError` if the server at ``uri`` does not answer or the database is broken."""
    if uri.startswith(("http://", "https://")):
        _ask(uri)
    elif uri.startswith(SQLITE):
        _open(Path(uri.removeprefix(SQLITE)))


def without_secret(uri: str) -> str:
    """Return ``uri`` without user and password, as it may be shown."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "an address that is none"
    return (
        urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.netloc else uri
    )


def _ask(uri: str) -> None:
    shown = without_secret(uri)
    address = f"{shown.rstrip('/')}/health"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS):  # noqa: S310  (http, see above)
            return
    except urllib.error.HTTPError as error:
        error.close()  # whatever it says, somebody answers
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLError):
            return  # whether a certificate will do is for MLflow's own settings to say
        msg = f"MLflow at {shown} does not answer: {reason}"
        raise TrackerError(msg, help=KEPT) from error


def _open(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, timeout=SECONDS)) as database:
            database.execute("PRAGMA schema_version")
            database.execute("BEGIN IMMEDIATE")
            database.rollback()
    except (OSError, sqlite3.Error) as error:
        msg = f"cannot write MLflow's database {path}: {error}"
        raise TrackerError(msg, help=f"look at {path}; the grade is kept") from error
