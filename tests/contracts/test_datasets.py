"""What every data set under datasets/ must hold."""

import hashlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labrun.store import croissant
from labrun.store.datasets import Dataset, read_dataset

ROOT = Path(__file__).parents[2] / "datasets"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/dataset.yaml"))
ANSWERS = "truth"
PRACTICE = ("train", ANSWERS)  # the public tables that may hold labels
CARD_SAYS = ("licen", "where from", "known problems", "must not be done", "build.py")
NEIGHBOURS = 10
MOST_ROWS = 3000
CANARY = "canary"  # which hidden answers are wrong on purpose is never told
ENOUGH = 50  # fewer rows cannot tell the truth from a shuffle of it
SHUFFLES = 60
LETTERS = "abcdefghijklmnopqrstuvwxyz .,;:!?'\"-"
COMMON_WORDS = 150
SHIFTS = (-2, -1, 1, 2)  # rows can stand in an order in which the next one is alike

Tables = dict[str, pd.DataFrame]
Numbers = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name, scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(scope="module")
def dataset(folder: Path) -> Dataset:
    return read_dataset(folder)


@pytest.fixture(scope="module")
def built(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(folder, tmp_path_factory.mktemp(folder.name))


@pytest.fixture(scope="module")
def public(built: Path) -> Tables:
    return read(built / "public")


@pytest.fixture(scope="module")
def private(built: Path) -> Tables:
    return read(built / "private")


def build(folder: Path, target: Path) -> Path:
    for side in ("public", "private"):
        (target / side).mkdir()
    prepare: Callable[[Path, Path, Path], None] = runpy.run_path(str(folder / "build.py"))[
        "prepare"
    ]
    prepare(folder, target / "public", target / "private")
    return target


def read(side: Path) -> Tables:
    return {path.stem: pd.read_csv(path) for path in sorted(side.glob("*.csv"))}


def features_of(answers: str) -> str:
    """Return the table whose rows `truth` or `truth_x` answers: `features` or `x`."""
    return answers.removeprefix(ANSWERS).lstrip("_-") or "features"


def answered(tables: Tables) -> list[tuple[str, str]]:
    return [(features_of(name), name) for name in tables if name.startswith(ANSWERS)]


def labels(private: Tables) -> set[str]:
    return {
        str(column)
        for name, table in private.items()
        if name.startswith(ANSWERS)
        for column in table
    }


def rows(table: pd.DataFrame, columns: list[str]) -> set[int]:
    return set(pd.util.hash_pandas_object(table[columns].astype(str), index=False).tolist())


def test_there_are_data_sets_to_look_at() -> None:
    assert len(FOLDERS) >= 4
    assert {path.parent for path in ROOT.glob("*/build.py")} == set(FOLDERS)


def test_every_raw_file_is_the_one_described(folder: Path, dataset: Dataset) -> None:
    described = {file.name: file.sha256 for file in dataset.files}
    there = {path.name: sha256(path) for path in folder.glob("*.parquet")}
    assert there == described


def test_rows_and_columns_are_as_described(folder: Path, dataset: Dataset) -> None:
    for file in dataset.files:
        assert pd.read_parquet(folder / file.name).shape == (file.rows, file.columns)


def test_the_card_says_what_it_must(folder: Path, dataset: Dataset) -> None:
    card = (folder / dataset.card).read_text(encoding="utf-8").lower()
    assert [words for words in CARD_SAYS if words not in card] == []


def test_the_card_tells_the_licence_and_the_source(dataset: Dataset) -> None:
    assert dataset.licence
    assert dataset.source
    assert dataset.cite


def test_its_croissant_says_what_dataset_yaml_and_the_files_say(folder: Path) -> None:
    written = (folder / croissant.FILE).read_text(encoding="utf-8")
    assert written == croissant.text_of(folder), "run: make croissant"


@pytest.mark.filterwarnings("default")  # those of mlcroissant and of what it imports are not ours
def test_a_reader_of_croissant_finds_each_file_and_its_first_row(
    folder: Path, dataset: Dataset
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="not installed: pip install -e .[dev]")
    read = mlcroissant.Dataset(jsonld=folder / croissant.FILE)  # raises on any error
    assert not read.metadata.ctx.issues.errors
    for file in dataset.files:
        record_set = Path(file.name).stem
        row = next(iter(read.records(record_set)))
        first = pd.read_parquet(folder / file.name).iloc[0]
        assert len(row) == file.columns
        assert [_plain(value) for value in row.values()] == [_plain(value) for value in first]


def _plain(value: Any) -> str:
    if pd.isna(value):
        return "nothing"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(float(value)) if isinstance(value, (int, float, np.number)) else str(value)


def test_preparing_twice_gives_the_same_bytes(folder: Path, built: Path, tmp_path: Path) -> None:
    assert digests(build(folder, tmp_path)) == digests(built)


def test_preparing_leaves_the_raw_files_alone(folder: Path, built: Path, dataset: Dataset) -> None:
    assert built.is_dir()
    assert {file.name: sha256(folder / file.name) for file in dataset.files} == {
        file.name: file.sha256 for file in dataset.files
    }


def test_both_sides_have_tables_with_rows(public: Tables, private: Tables) -> None:
    assert public
    assert private
    assert [name for name, table in (public | private).items() if table.empty] == []


def test_no_table_has_an_index_column(public: Tables, private: Tables) -> None:
    for table in (*public.values(), *private.values()):
        assert not [name for name in table if str(name).startswith("Unnamed")]


def test_truth_has_a_row_for_each_row_of_features(public: Tables, private: Tables) -> None:
    for tables in (public, private):
        for features, answers in answered(tables):
            assert len(tables[features]) == len(tables[answers])
            assert not tables[answers].isna().to_numpy().any()


def test_truth_stands_beside_its_own_features(public: Tables, private: Tables) -> None:
    """Rows that look alike must have like labels, more so than after a shuffle or a shift."""
    for tables in (public, private):
        for features, answers in answered(tables):
            if stand_together(tables[features], tables[answers]):
                continue
            if len(tables[answers]) >= ENOUGH:
                found, shifted, shuffled = likeness(tables[features], tables[answers])
                assert found > shuffled.mean() + 3.5 * shuffled.std(), (features, answers)
                assert found > shifted.max(), (features, answers)


def test_hidden_features_hold_no_label(private: Tables) -> None:
    secret = labels(private)
    for name, table in private.items():
        if not name.startswith(ANSWERS):
            assert secret.isdisjoint(table.columns), name


def test_public_labels_are_for_practice_only(public: Tables, private: Tables) -> None:
    secret = labels(private)
    for name, table in public.items():
        if not name.startswith(PRACTICE):
            assert secret.isdisjoint(table.columns), name


def test_no_hidden_row_stands_in_a_public_table(public: Tables, private: Tables) -> None:
    hidden = {name: table for name, table in private.items() if not name.startswith(ANSWERS)}
    for name, table in hidden.items():
        for other in public.values():
            shared = [str(column) for column in table if column in other]
            if len(shared) == len(table.columns):
                assert rows(table, shared).isdisjoint(rows(other, shared)), name


def test_no_sample_row_stands_in_train(public: Tables) -> None:
    if "train" in public and set(public.get("features", ())) <= set(public["train"]):
        columns = list(public["features"].columns)
        assert rows(public["features"], columns).isdisjoint(rows(public["train"], columns))


def test_a_public_table_looks_like_the_hidden_one(public: Tables, private: Tables) -> None:
    """What a learner tries out must be of the form that is graded, but for canaries."""
    for name, table in private.items():
        assert name in public, name
        told = [each for each in table.columns if name != "truth" or each != CANARY]
        assert told == list(public[name].columns), name


def likeness(features: pd.DataFrame, answers: pd.DataFrame) -> tuple[float, Numbers, Numbers]:
    """Return how like the labels of neighbours are; the same for shifted and shuffled labels."""
    x, y = as_numbers(features.head(MOST_ROWS)), as_scores(answers.iloc[:MOST_ROWS, 0])
    near = neighbours(x)
    rng = np.random.default_rng(0)

    def score(labels: Numbers) -> float:
        return float((labels[near].mean(axis=1) * labels).sum(axis=1).mean())

    shifted = np.array([score(np.roll(y, by, axis=0)) for by in SHIFTS])
    return score(y), shifted, np.array([score(rng.permutation(y)) for _ in range(SHUFFLES)])


def as_numbers(features: pd.DataFrame) -> Numbers:
    """Return the columns standardised; words become the frequency-ordered code of each.

    Text that is another in nearly every row becomes its last letters and its common words.
    """
    columns = []
    for name in features:
        column = features[name]
        if is_prose(column):
            columns += list(of_prose(column).T)
            continue
        if not pd.api.types.is_numeric_dtype(column):
            column = column.map(column.value_counts().rank(method="first"))
        values = column.astype(float).to_numpy()
        known = np.isfinite(values)
        if known.any() and np.ptp(values[known]) > 0:
            values = np.where(known, values, values[known].mean())
            columns.append((values - values.mean()) / values.std())
    return np.column_stack(columns)


def stand_together(features: pd.DataFrame, answers: pd.DataFrame) -> bool:
    """Return whether a column of the answers is one of the features, row by row, as a key is.

    Then nothing can have slipped: the rows of a group that has one answer would not tell.
    """
    keys = [name for name in answers.columns[1:] if name != CANARY]
    return any(
        answers[key].nunique() > ENOUGH // 2 and (answers[key] == features[name]).all()
        for key in keys
        for name in features
    )


def is_prose(column: "pd.Series[Any]") -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return False
    return bool(column.nunique() > 0.9 * len(column) and column.str.len().mean() > 20)


def of_prose(column: "pd.Series[str]") -> Numbers:
    """Return for each text which its last two letters are, and how often it has common words."""
    texts = column.str.lower()
    ends = [texts.str[-back].to_numpy() for back in (1, 2)]
    last = [(end == letter).astype(float) for end in ends for letter in LETTERS]
    words = texts.str.findall(r"[a-z']+|[;:!?]")
    common = words.explode().value_counts().index[:COMMON_WORDS]
    counts = [[list(row).count(word) for row in words] for word in common]
    found = np.array([*last, *counts], dtype=float).T
    spread = found.std(axis=0)
    standard: Numbers = (found[:, spread > 0] - found.mean(axis=0)[spread > 0]) / spread[spread > 0]
    return standard


def as_scores(answers: "pd.Series[Any]") -> Numbers:
    """Return the labels (n, 1) as ranks, or as codes for words, or (n, k) for lists; mean 0."""
    if not pd.api.types.is_numeric_dtype(answers) and answers.str.contains(" ").any():
        lists: Numbers = answers.str.get_dummies(" ").to_numpy(float)
        return np.asarray(lists - lists.mean(axis=0))
    codes = pd.factorize(answers, sort=True)[0]
    ranks: Numbers = pd.Series(codes).rank().to_numpy()
    centred: Numbers = ranks - ranks.mean()
    return centred[:, None]


def neighbours(x: Numbers) -> Numbers:
    """Return the numbers of the nearest rows of each row, itself left out."""
    squares = (x**2).sum(axis=1)
    apart = squares[:, None] + squares - 2 * x @ x.T
    np.fill_diagonal(apart, np.inf)
    count = min(NEIGHBOURS, len(x) // 3)
    near: Numbers = np.argpartition(apart, count, axis=1)[:, :count]
    return near


def digests(target: Path) -> dict[str, str]:
    return {
        path.relative_to(target).as_posix(): sha256(path) for path in sorted(target.rglob("*.csv"))
    }


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
