"""Check: the public part of a lab, in the same image and limits, spending nothing."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from labrun.app.bench import Bench, judge, set_up
from labrun.app.gather import gather
from labrun.app.progress import Progress
from labrun.app.results import Receipt, invalid, judgement, result_of
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.app.unusable import unusable
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Grade
from labrun.domain.lab import Lab
from labrun.domain.result import AttemptInfo, Result
from labrun.domain.submission import Submission
from labrun.errors import UserError
from labrun.sandbox import owner
from labrun.sandbox.labels import OWNER_LABEL
from labrun.store.bundles import collect


def check(
    lab: Path,
    code: Path,
    *,
    settings: Settings,
    progress: Progress,
    only: Sequence[str] = (),
) -> Result:
    """Return what the public checks say; ``only`` names the checks wanted, all if empty."""
    started = time.monotonic()
    bench = _only(set_up(lab, split="public", settings=settings, progress=progress), only)
    submission = collect(bench.lab, code).submission
    if why := unusable(bench, submission):
        found = invalid(why)
    else:
        with guard(settings):
            found = judgement(*trial(bench, submission, progress))
    who = Receipt(
        id=f"check-{submission.digest[:12]}", learner=settings.learner, received=datetime.now(UTC)
    )
    why = "a check of the public part"
    free = AttemptInfo(number=None, max=None, left=None, counted=False, why=why)
    seconds = time.monotonic() - started
    return result_of(bench, submission, who, found, attempt=free, seconds=seconds)


def trial(bench: Bench, submission: Submission, progress: Progress) -> tuple[Evidence, Grade]:
    """Run and grade one submission without any record of it."""
    labels = {OWNER_LABEL: owner.current().label()}
    evidence = gather(bench, submission, labels=labels, progress=progress, enter=lambda _name: None)
    return evidence, judge(bench, submission, evidence)


def _only(bench: Bench, only: Sequence[str]) -> Bench:
    if not only:
        return bench
    known = [spec.id for spec in bench.lab.checks]
    if unknown := sorted(set(only) - set(known)):
        msg = f"there is no public check called {unknown[0]!r}"
        raise UserError(msg, help=f"public checks: {', '.join(known)}")
    return bench.narrowed(_with_needed(bench.lab, set(only)))


def _with_needed(lab: Lab, wanted: set[str]) -> set[str]:
    for spec in reversed(lab.checks):
        if spec.id in wanted:
            wanted |= set(spec.needs)
    return wanted
