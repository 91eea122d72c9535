"""One lab made ready: read, checked, its data prepared, its sandbox chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.unsealed import authors_form, learners_tables
from labrun.app.view import learners_view
from labrun.domain.evidence import Evidence
from labrun.domain.grade import Grade
from labrun.domain.lab import Lab
from labrun.domain.mode import Mode
from labrun.domain.submission import Submission
from labrun.errors import LabError
from labrun.grading.grader import Grader, View, public_part, refuse_reruns, refuse_unscored
from labrun.sandbox.base import SANDBOXES, Sandbox
from labrun.store import datasets
from labrun.store.lab_yaml import locate
from labrun.store.labs import lab_digest, read_lab

Split = Literal["hidden", "public"]


@dataclass(frozen=True)
class Bench:
    """A lab on which submissions can be run and graded, on one split of its data."""

    folder: Path
    whole: Lab
    lab: Lab
    digest: str
    split: Split
    data: datasets.Prepared | None
    sandbox: Sandbox
    grader: Grader
    mode: Mode = Mode.PRACTICE
    standby: Path | None = None  # the home whose waiting process testers may be forks of

    @property
    def hidden_checks(self) -> int:
        """Return how many checks of the lab this split leaves out."""
        return len(self.whole.checks) - len(self.lab.checks)

    @property
    def tables(self) -> datasets.Prepared:
        """Return the prepared data; raise `LabError` where the lab names no data set."""
        if self.data is None:
            msg = f"lab {self.lab.slug!r} uses tables but names no dataset"
            raise LabError(msg, help="add `dataset:` to its lab.yaml")
        return self.data

    def narrowed(self, checks: set[str]) -> "Bench":
        """Return the same bench with only these checks."""
        kept = tuple(spec for spec in self.lab.checks if spec.id in checks)
        part = self.lab.model_copy(update={"checks": kept, "leaderboard": None})
        return replace(self, lab=part, grader=Grader(part))


def set_up(folder: Path, *, split: Split, settings: Settings, progress: Progress) -> Bench:
    """Read the lab and prepare its data; whatever is wrong with it is said before any code runs."""
    if split == "hidden":
        folder, settings = authors_form(folder, settings)
    lab = read_lab(folder)
    _bound(folder, lab)
    data = learners_tables(folder, lab, settings, progress)
    part = lab
    if split == "public":
        part = public_part(lab, set(data.table_names("public")) if data else set())
    return Bench(
        folder=folder,
        whole=lab,
        lab=part,
        digest=lab_digest(folder),
        split=split,
        data=data,
        sandbox=open_sandbox(settings, lab.image),
        grader=Grader(part),
        mode=settings.mode if split == "hidden" else Mode.PRACTICE,
        standby=settings.home if settings.pool_size else None,
    )


def _bound(folder: Path, lab: Lab) -> Grader:
    try:
        refuse_unscored(lab)
        refuse_reruns(lab, Grader(lab))
        return Grader(lab)
    except LabError as error:
        for number, spec in enumerate(lab.checks):
            if f"checks.{spec.id}." in f"{error}." or f"checks.{spec.id}:" in str(error):
                line, column = locate(folder / "lab.yaml", ("checks", number))
                msg = f"{folder / 'lab.yaml'}:{line}:{column}: {error}"
                raise LabError(msg, help=error.help) from None
        raise


def prepared(lab: Lab, settings: Settings, progress: Progress) -> datasets.Prepared | None:
    """Return the lab's data set, prepared and cached; None where the lab has none."""
    if lab.dataset is None:
        return None
    return datasets.prepare(settings.datasets / lab.dataset, settings.data, say=progress.say)


def open_sandbox(settings: Settings, image: str) -> Sandbox:
    """Return the sandbox the settings ask for."""
    if settings.sandbox == "process":
        return SANDBOXES["process"]()
    from labrun.sandbox.images import require  # noqa: PLC0415  (the Docker SDK is slow to import)

    backend: Any = SANDBOXES[settings.sandbox]
    sandbox: Sandbox = backend(
        image=require(image, engine=settings.engine).digest,
        engine=settings.engine,
        transport=settings.transport,
        runtime=settings.runtime,
        pool=_pool(settings),
        eager="yes" if settings.pool_eager and settings.pool_size else None,
    )
    return sandbox


def _pool(settings: Settings) -> str | None:
    if not settings.pool_size:
        return None
    from labrun.sandbox.pool import ensure_keeper  # noqa: PLC0415  (only containers have one)

    ensure_keeper(
        settings.home,
        size=settings.pool_size,
        memory_mb=settings.pool_memory_mb,
        idle_seconds=settings.pool_idle_seconds,
    )
    return str(settings.home)


def judge(
    bench: Bench,
    submission: Submission,
    evidence: Evidence,
    *,
    part: Mapping[str, Any] | None = None,
    view: View | None = None,
) -> Grade:
    """Grade stored evidence; the same evidence always gives the same grade.

    What a learner is told is for `labrun.app.shown.judge_told`; see `Grader.grade` for the rest.
    """
    truth = {name: bench.tables.columns(name, bench.split) for name in bench.grader.truth_tables}
    shown = learners_view(evidence, submission.files)
    return bench.grader.grade(shown, truth, files=submission.files, part=part, view=view)
