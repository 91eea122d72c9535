"""Show a learner what the lab's own baseline and reference had on the same rows."""

import contextlib
from collections.abc import Iterable, Iterator

from labrun.app.bench import Bench
from labrun.domain.calibration import BASELINE, SOLUTION, Calibration
from labrun.domain.result import CheckInfo
from labrun.errors import LabError
from labrun.store.calibrations import read_calibration


def compared(checks: Iterable[CheckInfo], bench: Bench) -> Iterator[CheckInfo]:
    """Yield ``checks`` with the values of the lab's own two submissions, where they are known.

    They are known of hidden rows only, and only from a calibration of this version and data.
    """
    found = _calibration(bench)
    for check in checks:
        if found is None or check.estimate is None:
            yield check
            continue
        values = {
            "baseline": _mean(found, BASELINE, check),
            "reference": _mean(found, SOLUTION, check),
        }
        yield check.model_copy(update=values)


def _calibration(bench: Bench) -> Calibration | None:
    if bench.split != "hidden" or bench.lab.grading.feedback:  # measured on all rows together
        return None
    found = None
    with contextlib.suppress(LabError):  # the author's to correct; a learner is graded all the same
        found = read_calibration(bench.folder)
    data = bench.data.digest if bench.data else None
    return found if found and found.fits(bench.lab.version, data) else None


def _mean(found: Calibration, control: str, check: CheckInfo) -> float | None:
    spread = found.spread(control, check.id)
    return spread.mean if spread else None
