"""Look at the data of a new lab: the CSV file of its author, or a data set that is there."""

import difflib
import enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labrun.domain.record import Record
from labrun.errors import LabError, MissingExtraError, UserError
from labrun.store.prepared import Prepared

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS = 200
LEAST_OF_A_CLASS = 10
MOST_CLASSES = 50
HIDDEN_SHARE, SAMPLE_SHARE = 0.4, 0.1
GROUPED_SHARES = (0.6, 0.4)  # of a lab on clustering: hidden, sample; there is nothing to train on

Label = bool | int | float | str


class Kind(enum.StrEnum):
    """What learners of a new lab do."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    CLUSTERING = "clustering"
    FUNCTIONS = "functions-only"


class Material(Record):
    """The data of a new lab; ``labels`` are the classes in order, none for numbers.

    ``features`` holds (name, what it holds) of each column; ``column`` says that the truth has
    more columns than the target; ``lowest`` is the smallest target, where it is a number.
    """

    dataset: str
    csv: Path | None = None
    target: str
    column: bool = False
    labels: tuple[Label, ...] = ()
    lowest: float = 0
    span: float = 0
    features: tuple[tuple[str, str], ...]
    train_rows: int
    sample_rows: int
    hidden_rows: int

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics that fit the target, the usual one first."""
        if not self.labels:
            numbers = ("rmse", "mae", "r2")
            return (*numbers, "rmsle") if self.lowest >= 0 else numbers
        named = ("accuracy", "balanced_accuracy", "macro_f1")
        both = 2
        return ("roc_auc", "average_precision", *named) if len(self.labels) == both else named


def read_csv(path: Path) -> "pd.DataFrame":
    """Return the author's table without an unnamed index column; `UserError` where it is none."""
    try:
        import pandas as pd  # noqa: PLC0415  (slow to import, and not in the light install)
    except ModuleNotFoundError:
        msg = "a CSV file is read with pandas, which is not installed"
        raise MissingExtraError(msg, help="pip install 'labrun[grade]'") from None
    try:
        table = pd.read_csv(path, low_memory=False)
    except OSError as error:
        msg = f"{str(path)!r} cannot be read: {error.strerror or error}"
        raise UserError(msg, help="name a data set of datasets/, or a CSV file") from None
    except ValueError as error:
        msg = f"{str(path)!r} is not CSV: {error}"
        raise UserError(msg, help="the first line names the columns; text is UTF-8") from None
    table.columns = [str(name).strip() for name in table.columns]
    unnamed = [name for name in table if str(name).startswith("Unnamed:")]
    return table.drop(columns=unnamed)


def of_csv(path: Path, *, name: str, target: str, kind: Kind) -> Material:
    """Return what a CSV file holds; `UserError` where it is no material for a lab."""
    table = cleaned(read_csv(path), path, target)
    if len(table) < LEAST_ROWS:
        msg = f"{str(path)!r} has {len(table):,} different rows with a {target!r}, "
        msg += f"expected at least {LEAST_ROWS}"
        raise UserError(msg, help="a score on fewer hidden rows is mostly chance")
    grouped = kind is Kind.CLUSTERING
    hidden, sample = GROUPED_SHARES if grouped else (HIDDEN_SHARE, SAMPLE_SHARE)
    rows = len(table)
    return Material(
        dataset=name,
        csv=path,
        target=target,
        features=described(table.drop(columns=target)),
        train_rows=0 if grouped else rows - round(hidden * rows) - round(sample * rows),
        sample_rows=round(sample * rows),
        hidden_rows=round(hidden * rows),
        **_target(table[target], kind, str(path)),
    )


def cleaned(table: "pd.DataFrame", path: Path, target: str) -> "pd.DataFrame":
    """Return the rows a lab can use: with a target, and each once."""
    if target not in table:
        close = difflib.get_close_matches(target, table.columns, n=1)
        known = ", ".join(map(str, table.columns[:20]))
        msg = f"{str(path)!r} has no column {target!r}"
        raise UserError(msg, help=f"did you mean {close[0]!r}?" if close else f"known: {known}")
    features = [name for name in table if name != target]
    if not features:
        msg = f"{str(path)!r} has no column besides {target!r}"
        raise UserError(msg, help="a model needs something to predict from")
    if twins := sorted({name for name in table.columns if list(table.columns).count(name) > 1}):
        msg = f"{str(path)!r} has two columns called {twins[0]!r}"
        raise UserError(msg, help="give every column a name of its own")
    return table.dropna(subset=[target]).drop_duplicates(features, ignore_index=True)


def of_dataset(data: Prepared, kind: Kind) -> Material:
    """Return what a prepared data set holds; `LabError` where it lacks what such a lab needs."""
    grouped = kind is Kind.CLUSTERING
    wanted = ["private/features", "private/truth", "public/features", "public/truth"]
    wanted += [] if grouped else ["public/train"]
    if lacking := [name for name in wanted if f"{name}.csv" not in data.tables]:
        msg = f"data set {data.name!r} has no table {lacking[0]}, which {kind} needs"
        raise LabError(msg, help="name another data set, or a CSV file")
    truth, hidden = data.frame("truth", "hidden"), data.frame("features", "hidden")
    train = None if grouped else data.frame("train", "public")
    target = str(truth.columns[0])
    if train is not None and target not in train:
        msg = f"data set {data.name!r}: table train has no column {target!r}, as the truth has"
        raise LabError(msg, help="learners need the target to train on")
    return Material(
        dataset=data.name,
        target=target,
        column=len(truth.columns) > 1,
        features=described(hidden),
        train_rows=0 if train is None else len(train),
        sample_rows=len(data.frame("truth", "public")),
        hidden_rows=len(truth),
        **_target(truth[target], kind, f"data set {data.name!r}"),
    )


def described(table: "pd.DataFrame") -> tuple[tuple[str, str], ...]:
    """Return name and content of each column, in a few words."""
    return tuple((str(name), _holds(table[name])) for name in table)


def _holds(column: "pd.Series[Any]") -> str:
    different = column.nunique()
    if column.dtype.kind == "b":
        return "true or false"
    if column.dtype.kind in "iuf":
        whole = column.dropna().mod(1).eq(0).all()
        numbers = "whole numbers" if whole else "numbers"
        return f"{numbers} from {column.min():g} to {column.max():g}"
    return f"words, {different:,} different ones"


def _target(column: "pd.Series[Any]", kind: Kind, where: str) -> dict[str, Any]:
    if kind is Kind.REGRESSION:
        return _numbers(column, where)
    return {"labels": _classes(column, where)}


def _numbers(column: "pd.Series[Any]", where: str) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415  (pandas has loaded it by now)

    if column.dtype.kind not in "iuf" or not np.isfinite(column).all():
        msg = f"{where}: the target {str(column.name)!r} does not hold numbers alone"
        raise UserError(msg, help="for classes: --kind classification")
    if column.nunique() < LEAST_OF_A_CLASS:
        msg = f"{where}: the target {str(column.name)!r} has {column.nunique()} different values"
        raise UserError(msg, help="for classes: --kind classification")
    low, high = float(column.min()), float(column.max())
    return {"lowest": low, "span": low + high}


def _classes(column: "pd.Series[Any]", where: str) -> tuple[Label, ...]:
    name, kind = str(column.name), column.dtype.kind
    counts = column.value_counts()
    fractions = kind == "f" and not column.mod(1).eq(0).all()
    if fractions or not 1 < len(counts) <= MOST_CLASSES:
        what = "fractions" if fractions else f"{len(counts):,} different values"
        msg = f"{where}: the target {name!r} has {what}, expected 2 to {MOST_CLASSES} classes"
        raise UserError(msg, help="for numbers: --kind regression")
    if counts.min() < LEAST_OF_A_CLASS:
        msg = f"{where}: class {counts.index[-1]!r} of {name!r} has {counts.min()} rows, "
        msg += f"expected at least {LEAST_OF_A_CLASS}"
        raise UserError(msg, help="leave rare classes out, or join them")
    as_plain: Any = int if kind in "iuf" else bool if kind == "b" else str
    return tuple(sorted(as_plain(value) for value in counts.index))
