"""Make a lab that holds from the first minute: files, data, marks, controls."""

import difflib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from labrun.app.new_data import (
    GROUPED_SHARES,
    HIDDEN_SHARE,
    SAMPLE_SHARE,
    Kind,
    Material,
    cleaned,
    of_csv,
    of_dataset,
    read_csv,
)
from labrun.app.new_marks import Marks, between, measure, provisional
from labrun.app.progress import Progress
from labrun.app.scaffold import render
from labrun.app.settings import Settings
from labrun.app.validate import Step, validate
from labrun.domain.record import Record
from labrun.errors import LabError, UserError
from labrun.grading.audit.worth import EXAM_ROWS
from labrun.grading.metric import METRICS
from labrun.store import datasets
from labrun.store.faults import disk_fault

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 64
SCHEMA = "lab.schema.json"
SCORES = {
    "accuracy": "accuracy_score",
    "balanced_accuracy": "balanced_accuracy_score",
    "macro_f1": "f1_score",
}
PROMISES = {
    "probability": "the probability (0 to 1) of the class `{last}`",
    "label": "the class it belongs to",
    "number": "a number: the `{target}` you expect",
}
SEED = 1


class Choices(Record):
    """What an author has answered; None takes the usual."""

    slug: str
    title: str
    track: str = "core"
    minutes: int = 60
    kind: Kind
    metric: str | None = None
    image: str = "cpu"
    licence: str = "not stated"
    source: str = "not stated"


class Made(Record):
    """What was made, and whether each control gets the result it must (process sandbox)."""

    lab: Path
    dataset: Path | None
    files: tuple[str, ...]
    metric: str | None
    marks: Marks | None
    steps: tuple[Step, ...]


def refuse_slug(slug: str, settings: Settings) -> None:
    """Raise `UserError` unless a lab can be made under this slug."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST:
        plain = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:LONGEST]
        msg = f"{slug!r} is no slug: expected lower-case letters and digits, joined by '-'"
        raise UserError(msg, help=f"for example: labrun lab new {plain or 'x01-first-steps'}")
    folder = settings.labs / slug
    if folder.exists() or folder.is_symlink():
        msg = f"{folder} is there already"
        raise UserError(msg, help="choose another slug; nothing was changed")
    if not settings.labs.parent.is_dir():
        msg = f"there is no folder {str(settings.labs.parent)!r} to hold the labs"
        raise UserError(msg, help="name the folder of labs: --labs FOLDER")


def usual_data(kind: Kind, settings: Settings, progress: Progress) -> str | None:
    """Return the first data set that fits a lab of this kind, or None where none does."""
    for folder in sorted(settings.datasets.glob("*/dataset.yaml")):
        try:
            data = _prepared(folder.parent, settings, progress)
            of_dataset(data, kind)
        except UserError:
            continue
        # With labels to train on, nobody would look for groups.
        if kind is not Kind.CLUSTERING or "public/train.csv" not in data.tables:
            return folder.parent.name
    return None


def look(
    data: str, *, kind: Kind, target: str | None, settings: Settings, progress: Progress
) -> Material:
    """Return what the named data set or CSV file holds; `UserError` where it does not fit."""
    if not data.lower().endswith(".csv"):
        folder = settings.datasets / data
        if not (folder / datasets.DATASET_FILE).is_file():
            known = sorted(path.parent.name for path in settings.datasets.glob("*/dataset.yaml"))
            close = difflib.get_close_matches(data, known, n=1)
            msg = f"there is no data set {data!r} in {settings.datasets}"
            hint = (
                f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known) or 'none'}"
            )
            raise UserError(msg, help=f"{hint} A CSV file ends in .csv")
        return of_dataset(_prepared(folder, settings, progress), kind)
    path = Path(data).expanduser()
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:LONGEST] or "data"
    if (settings.datasets / name).exists():
        msg = f"{settings.datasets / name} is there already"
        raise UserError(msg, help=f"rename {path.name}, or take the data set: --data {name}")
    if target is None:
        msg = f"which column of {str(path)!r} is to be predicted?"
        raise UserError(msg, help="name it: --target COLUMN")
    return of_csv(path, name=name, target=target, kind=kind)


def make(
    choices: Choices, material: Material | None, *, settings: Settings, progress: Progress
) -> Made:
    """Return the lab made below the folder of labs; where anything fails, nothing is left."""
    refuse_slug(choices.slug, settings)
    beside = settings.labs if settings.labs.is_dir() else settings.labs.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".labrun-new-", dir=beside) as unfinished:
            return _make(choices, material, Path(unfinished), settings, progress)
    except OSError as error:
        raise disk_fault(Path(error.filename or beside), error) from error


def _make(
    choices: Choices,
    material: Material | None,
    at: Path,
    settings: Settings,
    progress: Progress,
) -> Made:
    draft = settings.model_copy(
        update={"labs": at / "labs", "home": at / "home", "sandbox": "process"}
    )
    data = None
    if material and material.csv:
        draft = draft.model_copy(update={"datasets": at / "datasets"})
        data = at / "datasets" / material.dataset
        _write_data(choices, material, data)
        prepared = datasets.prepare(data, draft.data, say=progress.say)
        material = of_dataset(prepared, choices.kind).model_copy(update={"csv": material.csv})
    lab = draft.labs / choices.slug
    marks = _write_lab(choices, material, lab, draft, settings, progress)
    progress.say("trying solution, baseline and cheats")
    steps = tuple(validate(lab, settings=draft, progress=progress))
    files = tuple(sorted(path.relative_to(lab).as_posix() for path in _files(lab)))
    _move(lab, data, settings)
    return Made(
        lab=settings.labs / choices.slug,
        dataset=settings.datasets / data.name if data else None,
        files=files,
        metric=_metric(choices, material) if material else None,
        marks=marks,
        steps=steps,
    )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _move(lab: Path, data: Path | None, settings: Settings) -> None:
    """Put what was made in its place, both folders or none."""
    settings.labs.mkdir(exist_ok=True)
    home = settings.datasets / data.name if data else None
    if data and home:
        home.parent.mkdir(exist_ok=True)
        shutil.move(data, home)
    try:
        _place_schema(settings)
        shutil.move(lab, settings.labs / lab.name)
    except OSError:
        if home:
            shutil.rmtree(home, ignore_errors=True)
        raise


def _shipped_schema() -> Path:
    return Path(str(resources.files("labrun.store").joinpath(SCHEMA)))


def _schema(settings: Settings) -> str:
    """Return where an editor finds the schema of lab.yaml, as seen from a lab's folder."""
    root, shipped = settings.labs.parent, _shipped_schema()
    inside = shipped.is_relative_to(root) and ".venv" not in shipped.parts
    return f"../../{shipped.relative_to(root).as_posix()}" if inside else f"../{SCHEMA}"


def _place_schema(settings: Settings) -> None:
    if _schema(settings) == f"../{SCHEMA}":
        (settings.labs / SCHEMA).write_bytes(_shipped_schema().read_bytes())


def _metric(choices: Choices, material: Material) -> str:
    if choices.kind is Kind.CLUSTERING:
        return "ari"
    metric = choices.metric or material.metrics[0]
    if metric not in material.metrics:
        msg = f"metric {metric!r} does not fit the target {material.target!r}"
        raise UserError(msg, help=f"choose one of: {', '.join(material.metrics)}")
    return metric


def _write_lab(
    choices: Choices,
    material: Material | None,
    lab: Path,
    draft: Settings,
    settings: Settings,
    progress: Progress,
) -> Marks | None:
    """Write the lab; with data, once to measure it and once more with the marks found."""
    words: dict[str, Any] = {**choices.model_dump(), "schema": _schema(settings)}
    if material is None:
        render("functions-only", lab, words)
        return None
    words |= _words(choices, material)
    grouped = choices.kind is Kind.CLUSTERING
    templates = "clustering" if grouped else "supervised"
    progress.say("measuring solution and baseline")
    names = ("k-means on the columns as they come", "one group for all")
    names = names if grouped else ("one question about one column", "a constant")
    solution = None
    for weakest, name in zip((False, True), names, strict=True):
        words |= {"weakest": weakest, "marks": provisional(METRICS[words["metric"].name])}
        render(templates, lab, words)
        solution = solution or measure(lab, "solution", draft)
        marks = between(measure(lab, "baseline", draft), solution)
        if marks:
            marks = marks.model_copy(update={"baseline_is": name})
            render(templates, lab, {**words, "marks": marks})
            return marks
    msg = f"the columns tell too little about {material.target!r}: a model "
    msg += f"and a {names[1]} are not told apart on {material.hidden_rows:,} hidden rows"
    raise LabError(msg, help="more rows, better columns or another metric; nothing was written")


def _words(choices: Choices, material: Material) -> dict[str, Any]:
    """Return what the templates of a lab with data are filled in with."""
    metric = METRICS[_metric(choices, material)]
    classes = choices.kind is Kind.CLASSIFICATION
    value = "label" if classes else "number"
    if metric.name in ("roc_auc", "average_precision"):
        value = "probability"
    last = material.labels[-1] if material.labels else None
    return {
        "material": material,
        "exam_rows": EXAM_ROWS,
        "metric": metric,
        "classes": classes,
        "value_kind": value,
        "function": "predict_proba" if value == "probability" else "predict",
        "promise": PROMISES[value].format(last=last, target=material.target),
        "positive": repr(last),
        "mirror": repr(material.span),
        "balanced": metric.name in ("balanced_accuracy", "macro_f1"),
        "logarithm": metric.name == "rmsle",
        "score_function": SCORES.get(metric.name, "roc_auc_score"),
    }


def _write_data(choices: Choices, material: Material, folder: Path) -> None:
    """Write the data set of a CSV file: the rows, where they are from, and how they are split."""
    path = material.csv or Path()
    table = read_csv(path)
    for name in table:  # a column of numbers and words in one has no type of its own
        if table[name].dtype.kind == "O":
            table[name] = table[name].map(str, na_action="ignore")
    folder.mkdir(parents=True)
    file = f"{material.dataset}.parquet"
    table.to_parquet(folder / file, index=False)
    grouped = choices.kind is Kind.CLUSTERING
    hidden, sample = GROUPED_SHARES if grouped else (HIDDEN_SHARE, SAMPLE_SHARE)
    kind = cleaned(table, path, material.target)[material.target].dtype.kind
    words = {
        "name": material.dataset,
        "title": f"{material.dataset}, brought by the author of {choices.slug}",
        "source": choices.source,
        "licence": choices.licence,
        "redistribute": "as the licence says",
        "file": file,
        "sha256": hashlib.sha256((folder / file).read_bytes()).hexdigest(),
        "rows": len(table),
        "columns": len(table.columns),
        "material": material,
        "empty": {str(name): int(table[name].isna().sum()) for name in table},
        "seed": SEED,
        "hidden_share": hidden,
        "sample_share": sample,
        "grouped": grouped,
        "rest": "sample" if grouped else "train",
        "classes": choices.kind is not Kind.REGRESSION,
        "whole": choices.kind is not Kind.REGRESSION and kind == "f",
    }
    render("data", folder, words)


def _prepared(folder: Path, settings: Settings, progress: Progress) -> datasets.Prepared:
    return datasets.prepare(folder, settings.data, say=progress.say)
