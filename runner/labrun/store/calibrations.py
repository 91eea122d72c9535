"""Keep what was measured of a lab: the file beside its lab.yaml, and the runs behind it."""

import hashlib
import json
import os
import secrets
from pathlib import Path

from pydantic import ValidationError

from labrun.domain.calibration import Calibration
from labrun.domain.evidence import Evidence
from labrun.errors import LabError, StoreError
from labrun.store.evidence import EvidenceStore
from labrun.store.faults import disk_fault, is_endless

CALIBRATION_FILE = "calibration.json"
AGAIN = "run: labrun lab calibrate"


def read_calibration(directory: Path) -> Calibration | None:
    """Return the calibration of the lab in ``directory``; None where it has none.

    Raises `LabError` where the file is not one.
    """
    path = directory / CALIBRATION_FILE
    if is_endless(path):
        msg = f"{path} is not a file"
        raise LabError(msg, help=f"remove it, then {AGAIN.removeprefix('run: ')} {directory.name}")
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_fault(path, error) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        msg = f"{path}: {where}: {first['msg']}, found {first['input']!r:.60}"
        raise LabError(msg, help=f"{AGAIN} {directory.name}") from None


def write_calibration(directory: Path, made: Calibration) -> Path:
    """Write a calibration, whole or not at all; where only the date is new, leave the old one."""
    path = directory / CALIBRATION_FILE
    known = _readable(directory)
    if known and known.model_copy(update={"date": made.date}) == made:
        return path
    unfinished = directory / f".{CALIBRATION_FILE}.{secrets.token_hex(4)}"
    try:
        unfinished.write_text(calibration_text(made), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise disk_fault(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def calibration_text(made: Calibration) -> str:
    """Return a calibration as its file holds it: the same numbers give the same bytes."""
    body = made.model_dump(mode="json", exclude_none=True)
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _readable(directory: Path) -> Calibration | None:
    try:
        return read_calibration(directory)
    except LabError:  # it is about to be replaced
        return None


class Runs:
    """Evidence by what it depends on, so that a calibration that was stopped goes on."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = EvidenceStore(root)

    def find(self, key: str) -> Evidence | None:
        """Return the evidence of a run, or None if it is not kept or no longer whole."""
        try:
            return self._store.load(self._path(key).read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except (StoreError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise disk_fault(self._path(key), error) from error

    def keep(self, key: str, evidence: Evidence) -> None:
        """Keep the evidence of a run."""
        digest = self._store.keep(evidence, {})
        path = self._path(key)
        unfinished = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(digest, encoding="ascii")
            unfinished.replace(path)
        except OSError as error:
            raise disk_fault(path, error) from error

    def _path(self, key: str) -> Path:
        return self._root / "runs" / hashlib.sha256(key.encode()).hexdigest()
