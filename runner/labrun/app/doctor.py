"""Examine the machine, and try the sandbox's walls from inside."""

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from labrun.app.bench import open_sandbox
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.record import Record
from labrun.errors import LabrunError
from labrun.sandbox import images, owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.probes import probe
from labrun.store.labs import find_labs

FREE_GB = 5
NEEDED = ("scikit-learn", "pandas", "mlflow", "pytest", "matplotlib")


class Finding(Record):
    """One thing examined, and what to do about it."""

    name: str
    state: Literal["ok", "warning", "failed"]
    detail: str
    help: str | None = None


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, the cheapest first; no fault of one part hides the others."""
    for name, look in _parts(settings).items():
        try:
            yield look()
        except LabrunError as error:
            yield Finding(name=name, state="failed", detail=str(error), help=error.help)
        except OSError as error:
            yield Finding(name=name, state="failed", detail=str(error))
    try:
        sandbox = open_sandbox(settings, "cpu")
    except LabrunError as error:
        yield Finding(name="sandbox", state="failed", detail=str(error), help=error.help)
        return
    for wall in probe(sandbox, {OWNER_LABEL: owner.current().label()}):
        state: Literal["ok", "failed"] = "ok" if wall.holds else "failed"
        yield Finding(name=f"wall: {wall.name}", state=state, detail=wall.detail)


def _parts(settings: Settings) -> dict[str, Callable[[], Finding]]:
    return {
        "python": _python,
        "grading libraries": _libraries,
        "labs": lambda: _labs(settings),
        "home": lambda: _home(settings),
        "disk": lambda: _disk(settings),
        "images": lambda: _images(settings),
    }


def _python() -> Finding:
    return Finding(name="python", state="ok", detail=sys.version.split()[0])


def _libraries() -> Finding:
    found, missing = [], []
    for name in NEEDED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        detail, help_ = f"missing: {', '.join(missing)}", "run: pip install 'labrun[grade]'"
        return Finding(name="grading libraries", state="failed", detail=detail, help=help_)
    return Finding(name="grading libraries", state="ok", detail=", ".join(found))


def _labs(settings: Settings) -> Finding:
    count = len(find_labs(settings.labs))
    return Finding(name="labs", state="ok", detail=f"{count} in {settings.labs}")


def _home(settings: Settings) -> Finding:
    with open_ledger(settings) as ledger:
        waiting = len(ledger.pending())
    detail = f"{settings.home}, ledger readable"
    if waiting:
        help_ = "run: labrun record"
        text = f"{detail}; {waiting} grades wait for MLflow"
        return Finding(name="home", state="warning", detail=text, help=help_)
    return Finding(name="home", state="ok", detail=detail)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free / 1e9
    state: Literal["ok", "warning"] = "ok" if free >= FREE_GB else "warning"
    help_ = None if state == "ok" else "free some space; run: labrun clean --data"
    return Finding(name="disk", state=state, detail=f"{free:.0f} GB free", help=help_)


def _images(settings: Settings) -> Finding:
    names = images.known(settings.containers)
    found = [each for name in names if (each := images.find(name, engine=settings.engine))]
    if not found:
        detail, help_ = "none is built", "run: labrun image build cpu"
        return Finding(name="images", state="failed", detail=detail, help=help_)
    stale = [image.name for image in found if not image.shim_current]
    detail = ", ".join(f"{image.name} {image.digest[:19]}" for image in found)
    if stale:
        help_ = f"run: labrun image build {' '.join(stale)}"
        return Finding(name="images", state="failed", detail=f"out of date: {stale}", help=help_)
    return Finding(name="images", state="ok", detail=detail)
