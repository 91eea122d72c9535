"""What a learner of a lab sees and gets, put together by the code that learners' commands run."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from labrun.app.bench import Bench, Split, set_up
from labrun.app.progress import Progress
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.app.submit import Request, guard, submit_on
from labrun.app.unsealed import authors_form, lab_key
from labrun.domain.lab import Lab
from labrun.domain.preview import (
    CheckShown,
    ColumnShown,
    FileShown,
    LabPreview,
    PhaseShown,
    TableShown,
    Told,
)
from labrun.domain.result import Result
from labrun.errors import LabrunError
from labrun.grading.check import bind
from labrun.grading.checks.threshold import ThresholdOptions, needed
from labrun.grading.grader import public_part
from labrun.store.datasets import Prepared
from labrun.store.labs import plain_files
from labrun.store.sealed_lab import is_sealed
from labrun.store.workspace import shipped

FIRST_ROWS = 5
ALWAYS = ("starter", "baseline")


def lab_preview(
    folder: Path, *, cheats: bool, settings: Settings, progress: Progress
) -> LabPreview:
    """Return what learners get and are told; ``cheats`` also hands in each cheat.

    Submissions run on the hidden rows, in a ledger that is thrown away; of a sealed lab without
    its key nothing is handed in.
    """
    locked = is_sealed(folder) and lab_key(settings) is None
    if not locked:
        folder, settings = authors_form(folder, settings)
    folder = folder.resolve()
    split: Split = "public" if locked else "hidden"
    bench = set_up(folder, split=split, settings=settings, progress=progress)
    lab, data = bench.whole, bench.data
    files = dict(shipped(folder, data))
    names = [*ALWAYS, *(f"cheats/{name}" for name in lab.controls.cheats if cheats)]
    names = [] if locked else names
    return LabPreview(
        lab=lab,
        readme=_text(folder / "README.md"),
        files=tuple(FileShown(path=p, bytes=at.stat().st_size) for p, at in files.items()),
        tables=tuple(_tables(data)) if data else (),
        phases=tuple(_phases(lab)),
        checks=tuple(_checks(lab, data)),
        told=tuple(_told(bench, names, settings, progress)),
        withheld=tuple(_withheld(folder, data, set(files.values()))),
    )


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""


def _tables(data: Prepared) -> Iterator[TableShown]:
    for name in data.table_names("public"):
        frame = data.frame(name, "public")
        yield TableShown(
            name=name,
            rows=len(frame),
            columns=tuple(
                ColumnShown(
                    name=str(column),
                    dtype=str(frame[column].dtype),
                    missing=int(frame[column].isna().sum()),
                )
                for column in frame
            ),
            first=tuple(
                tuple("" if value != value else str(value) for value in row)  # noqa: PLR0124  (NaN)
                for row in frame.head(FIRST_ROWS).astype(object).to_numpy().tolist()
            ),
        )


def _phases(lab: Lab) -> Iterator[PhaseShown]:
    for phase in lab.phases:
        entry = phase.call or phase.read or phase.open or " ".join(phase.run or ())
        yield PhaseShown(name=phase.name, entry=entry, limits=lab.limits_of(phase))


def _checks(lab: Lab, data: Prepared | None) -> Iterator[CheckShown]:
    """Yield each check as results name it, with its mark in the words learners read."""
    public = public_part(lab, set(data.table_names("public")) if data else set())
    here = {spec.id for spec in public.checks}
    for spec in lab.checks:
        options = bind(lab, spec).options
        mark = ""
        if isinstance(options, ThresholdOptions):
            mark = f"{options.metric}: {needed(options.scorer(), options.decision)}"
        yield CheckShown(
            id=spec.id,
            type=spec.type,
            title=spec.title or spec.id,
            points=spec.points,
            gate=spec.gate,
            needs=spec.needs,
            reveal=spec.reveal,
            mark=mark,
            public=spec.id in here,
        )


def _told(
    bench: Bench, names: Sequence[str], settings: Settings, progress: Progress
) -> Iterator[Told]:
    """Yield what `labrun submit` says to a learner who hands in each of the folders."""
    with tempfile.TemporaryDirectory(prefix="labrun-preview-") as home, guard(settings):
        apart = settings.model_copy(update={"home": Path(home)})
        with open_ledger(apart) as ledger:
            for name in names:
                progress.say(f"handing in {name}/")
                learner = name.rpartition("/")[2]
                request = Request(lab=bench.folder, code=bench.folder / name, learner=learner)
                result: Result | None = None
                error = ""
                try:
                    result = submit_on(bench, request, apart, progress, ledger=ledger).result
                except LabrunError as refused:
                    error = "\n".join(filter(None, (f"error: {refused}", refused.help)))
                yield Told(name=name, result=result, error=error)


def _withheld(folder: Path, data: Prepared | None, given: set[Path]) -> Iterator[FileShown]:
    """Yield every file of the lab, and every table, that no learner gets."""
    for path, at in plain_files(folder):
        if at not in given:
            yield FileShown(path=path, bytes=at.stat().st_size)
    if data is None:
        return
    for key in sorted(data.tables):
        at = data.root / key
        if at not in given:
            yield FileShown(path=f"data set {data.name}: {key}", bytes=at.stat().st_size)
