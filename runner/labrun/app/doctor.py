"""Examine the machine, and try the sandbox's walls from inside."""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version

from labrun.app.bench import open_sandbox
from labrun.app.doctor_engine import disk, engine_findings
from labrun.app.doctor_kernel import kernel_findings
from labrun.app.finding import Finding, State, found
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.record import Record
from labrun.errors import LabrunError
from labrun.sandbox import images, owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.sandbox.probes import endings, survey
from labrun.sandbox.walls import Wall
from labrun.store.labs import find_labs

NEEDED = ("scikit-learn", "pandas", "mlflow", "pytest", "matplotlib")
IMAGE = "cpu"


class Summary(Record):
    """How many were found in each state; ``exam`` says whether an exam would be let in."""

    ok: int
    warnings: int
    failed: int
    exam: bool
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, the cheapest first; no fault of one part hides the others."""
    for name, look in _parts(settings).items():
        yield from _guarded(name, look)


def summary(findings: Sequence[Finding]) -> Summary:
    """Return the whole in one sentence."""
    failed = [each.name for each in findings if each.state == "failed"]
    warnings = sum(each.state == "warning" for each in findings)
    ok = len(findings) - len(failed) - warnings
    told = f"{ok} ok, {warnings} to look at, {len(failed)} failed"
    walls = [name for name in failed if name == "sandbox" or name.startswith("wall: ")]
    if walls:
        told += f": exams are refused here ({', '.join(walls[:3])})"
    elif failed:
        told += f": put right first: {', '.join(failed[:3])}"
    else:
        told += ": every wall holds, exams can be held here"
    return Summary(ok=ok, warnings=warnings, failed=len(failed), exam=not failed, sentence=told)


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except LabrunError as error:
        yield found(name, str(error), state="failed", help=error.help or "")
    except OSError as error:
        yield found(name, str(error), state="failed")


def _parts(settings: Settings) -> dict[str, Callable[[], Iterator[Finding]]]:
    return {
        "python": _python,
        "grading libraries": _libraries,
        "labs": lambda: _labs(settings),
        "home": lambda: _home(settings),
        "engine": lambda: engine_findings(settings),
        "images": lambda: _images(settings),
        "sandbox": lambda: _walls(settings),
    }


def _python() -> Iterator[Finding]:
    yield found("python", sys.version.split()[0])


def _libraries() -> Iterator[Finding]:
    versions, missing = [], []
    for name in NEEDED:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        help_ = "run: pip install 'labrun[grade]'"
        detail = f"missing: {', '.join(missing)}"
        yield found("grading libraries", detail, state="failed", help=help_)
        return
    yield found("grading libraries", ", ".join(versions))


def _labs(settings: Settings) -> Iterator[Finding]:
    count = len(find_labs(settings.labs))
    yield found("labs", f"{count} in {settings.labs}")


def _home(settings: Settings) -> Iterator[Finding]:
    with open_ledger(settings) as ledger:
        waiting = len(ledger.pending())
    detail = f"{settings.home}, ledger readable"
    if waiting:
        text = f"{detail}; {waiting} grades wait for MLflow"
        yield found("home", text, state="warning", help="run: labrun record")
    else:
        yield found("home", detail)
    yield disk("disk", settings.home, "free some space; run: labrun clean --data")


def _images(settings: Settings) -> Iterator[Finding]:
    names = images.known(settings.containers)
    built = [each for name in names if (each := images.find(name, engine=settings.engine))]
    if not built:
        yield found("images", "none is built", state="failed", help="run: labrun image build cpu")
    for image in built:
        if image.shim_current:
            yield found(f"image: {image.name}", image.digest)
            continue
        help_ = f"run: labrun image build {image.name}"
        detail = f"out of date: {image.digest}"
        yield found(f"image: {image.name}", detail, state="failed", help=help_)


def _walls(settings: Settings) -> Iterator[Finding]:
    sandbox = open_sandbox(settings, IMAGE)
    if not sandbox.official:
        help_ = "leave LABRUN_SANDBOX out: the docker sandbox has walls to try"
        detail = f"{sandbox.name!r} isolates nothing"
        yield found("sandbox", detail, state="failed", help=help_)
        return
    labels = {OWNER_LABEL: owner.current().label()}
    looked = survey(sandbox, labels)
    if looked.seen:
        yield from kernel_findings(looked.seen)
    for wall in (*looked.walls, *endings(sandbox, labels)):
        yield _wall(wall)


def _wall(wall: Wall) -> Finding:
    state: State = "ok" if wall.holds else "failed"
    return Finding(name=f"wall: {wall.name}", state=state, detail=wall.detail, help=wall.help)
