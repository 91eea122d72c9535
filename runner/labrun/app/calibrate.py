"""Calibrate a lab: run its controls over several seeds, and measure how clear its marks are."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from labrun import __version__
from labrun.app.bench import Bench, judge, set_up
from labrun.app.gather import gather
from labrun.app.progress import Progress, Silence
from labrun.app.results import judgement
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.app.view import learners_view
from labrun.domain.calibration import BASELINE, SOLUTION, Calibration, ControlRuns
from labrun.domain.evidence import Ending, Evidence
from labrun.domain.grade import Fault
from labrun.domain.lab import Lab
from labrun.domain.submission import Submission
from labrun.errors import LabError, LabrunError, PlatformError
from labrun.grading.calibrated import Run, control_runs, estimates, mark_reports
from labrun.grading.check import Truth
from labrun.grading.resampling import pass_rate
from labrun.sandbox import owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.store.bundles import collect
from labrun.store.calibrations import Runs, write_calibration
from labrun.store.labs import GRADED, check_files, plain_files
from labrun.store.sealed_lab import is_sealed

SEED_BITS = 48  # every program that reads JSON keeps such a number whole


@dataclass(frozen=True)
class Control:
    """A submission with a known result."""

    name: str
    submission: Submission
    expected: Literal["passed", "failed"]
    stops: str | None = None


@dataclass(frozen=True)
class _Try:
    control: Control
    number: int
    seed: int


@dataclass(frozen=True)
class Calibrated:
    """A calibration, and the file it was written to."""

    calibration: Calibration
    path: Path


def calibrate(
    folder: Path, *, seeds: int, jobs: int, settings: Settings, progress: Progress
) -> Calibrated:
    """Run every control with every seed, ``jobs`` at a time, and write calibration.json.

    Runs that an earlier calibration made of the same files, data and image are not made again, so
    one that was stopped goes on. Raises `LabError` where the lab is at fault.
    """
    if is_sealed(folder):
        msg = f"lab {folder.resolve().name!r} is sealed, and its calibration with it"
        raise LabError(msg, help="labrun lab open it, calibrate it, and seal it again")
    bench = set_up(folder, split="hidden", settings=settings, progress=progress)
    if problems := check_files(bench.folder, bench.lab):
        raise LabError("\n".join(problems), help="run: labrun lab validate")
    controls = controls_of(bench)
    drawn = seeds_of(bench.lab, seeds)
    runs = _Runner(bench, _truth(bench), Runs(settings.cache / "calibration"), jobs, progress)
    with guard(settings):
        found = runs.all([_Try(each, *one) for one in enumerate(drawn) for each in controls])
    measured = [_measured(control, found[control.name]) for control in controls]
    made = _calibration(bench, drawn, measured)
    return Calibrated(made, write_calibration(folder, made))


def controls_of(bench: Bench) -> list[Control]:
    """Return the solution, the baseline and every cheat of a lab."""
    said = bench.lab.controls
    found = [
        Control(SOLUTION, _files(bench, SOLUTION), said.solution),
        Control(BASELINE, _files(bench, BASELINE), said.baseline),
    ]
    for cheat, check in said.cheats.items():
        name = f"cheats/{cheat}"
        found.append(Control(name, _files(bench, name), "failed", check))
    return found


def seeds_of(lab: Lab, count: int) -> tuple[int, ...]:
    """Return the first ``count`` seeds of a lab's calibration, the same each time."""
    said = (hashlib.sha256(f"{lab.slug} calibration {at}".encode()) for at in range(count))
    return tuple(int.from_bytes(each.digest()[: SEED_BITS // 8]) for each in said)


def _files(bench: Bench, folder: str) -> Submission:
    return collect(bench.lab, bench.folder / folder).submission


@dataclass(frozen=True)
class _Runner:
    bench: Bench
    truth: Truth
    kept: Runs
    jobs: int
    progress: Progress

    def all(self, tries: list[_Try]) -> dict[str, list[Run]]:
        """Return the runs of each control in the order of the seeds."""
        found: dict[str, list[Run]] = {each.control.name: [] for each in tries}
        stop = threading.Event()
        with ThreadPoolExecutor(max_workers=self.jobs) as pool, _stopping(stop, pool):
            futures = {pool.submit(self._one, each, stop): each for each in tries}
            for done, future in enumerate(as_completed(futures), 1):
                self.progress.say(f"[{done}/{len(tries)}] {_told(futures[future], future)}")
            for future, each in futures.items():
                found[each.control.name].append(future.result())
        return found

    def _one(self, each: _Try, stop: threading.Event) -> Run:
        if stop.is_set():
            msg = "the calibration was stopped"
            raise PlatformError(msg, help="run it again: it goes on where it stopped")
        bench, submission = self.bench, each.control.submission
        key = run_key(bench, submission, each.seed)
        evidence = self.kept.find(key)
        fresh = evidence is None
        if evidence is None:
            evidence = self._gathered(each)
        grade = judge(bench, submission, evidence)
        if fault := judgement(evidence, grade).fault:
            raise _fault(each, judgement(evidence, grade).reason, fault)
        if fresh and not _was_late(evidence):
            self.kept.keep(key, evidence)
        shown, truth = learners_view(evidence, submission.files), self.truth
        return Run(
            grade=grade,
            estimates=estimates(bench.lab, shown, truth, submission.files),
            resampled=pass_rate(bench.lab, shown, grade, truth, submission.files),
        )

    def _gathered(self, each: _Try) -> Evidence:
        return gather(
            self.bench,
            each.control.submission,
            labels={OWNER_LABEL: owner.current().label()},
            progress=self.progress if self.jobs == 1 else Silence(),
            enter=lambda _name: None,
            seed=each.seed,
        )


@contextlib.contextmanager
def _stopping(stop: threading.Event, pool: ThreadPoolExecutor) -> Iterator[None]:
    """Start nothing new once something went wrong."""
    try:
        yield
    except BaseException:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _was_late(evidence: Evidence) -> bool:
    """Return whether a phase took too long, which may be for a machine busy with other things."""
    runs = (evidence.phases, *(each.phases for each in evidence.variants))
    return any(phase.ending is Ending.TIMED_OUT for phases in runs for phase in phases)


def _told(each: _Try, future: Future[Run]) -> str:
    grade = future.result().grade
    return f"{each.control.name}  seed {each.number + 1}  {grade.verdict} {grade.score:g}"


def _fault(each: _Try, reason: str, fault: Fault) -> LabrunError:
    msg = f"{each.control.name} could not be judged with seed {each.seed}: {reason}"
    kind = PlatformError if fault is Fault.PLATFORM else LabError
    return kind(msg, help="run: labrun lab validate")


def _truth(bench: Bench) -> Truth:
    return {name: bench.tables.columns(name, bench.split) for name in bench.grader.truth_tables}


def run_key(bench: Bench, submission: Submission, seed: int) -> str:
    """Return everything that the evidence of a run depends on.

    Marks and points are left out: to change them takes no new run.
    """
    lab = bench.lab
    tests = {
        f"{name}/{path}": hashlib.sha256(file.read_bytes()).hexdigest()
        for name in GRADED
        for path, file in plain_files(bench.folder / name)
    }
    checks = [
        each.model_dump(mode="json", exclude={"points", "title", "gate", "reveal"})
        for each in lab.checks
        if each.type != "threshold"
    ]
    parts = {
        "lab": lab.slug,
        "phases": [each.asked | {"limits": each.limits.model_dump()} for each in lab.phases],
        "limits": lab.limits.model_dump(mode="json"),
        "seeds": lab.grading.seeds,
        "checks": checks,
        "tests": tests,
        "data": bench.data.digest if bench.data else None,
        "image": bench.sandbox.image_id,
        "sandbox": bench.sandbox.name,
        "submission": submission.digest,
        "labrun": __version__,
        "seed": seed,
    }
    return json.dumps(parts, sort_keys=True)


def _measured(control: Control, runs: list[Run]) -> ControlRuns:
    return control_runs(
        control.name,
        control.submission.digest,
        runs,
        expected=control.expected,
        stops=control.stops,
    )


def _calibration(bench: Bench, seeds: tuple[int, ...], measured: list[ControlRuns]) -> Calibration:
    return Calibration(
        lab=bench.lab.slug,
        version=bench.lab.version,
        digest=bench.digest,
        data=bench.data.digest if bench.data else None,
        image=bench.lab.image,
        image_digest=bench.sandbox.image_id,
        sandbox=bench.sandbox.name,
        official=bench.sandbox.official,
        labrun=__version__,
        date=datetime.now(UTC).date().isoformat(),
        seeds=seeds,
        controls=tuple(measured),
        marks=mark_reports(bench.lab, measured),
    )
