"""Printed letters, some with a wrong label in train: whose labels does a model give away?"""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20_251_118
LABEL = "letter"
SIDED = "side_letter"  # `in A`: of train, as the metric of the attack reads it
TRAIN, HIDDEN, SAMPLE = 5_000, 5_000, 1_000
SUSPECTS = {"private": 4_000, "public": 1_000}  # of train, and as many that are not
WRONG = 0.15  # of the labels in train and of those of the suspects
BLUR = 0.6  # suspects are moved by less than this: to know a row by heart is no use


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write train, letters to read and rows to suspect; both of these with answers apart."""
    rng = np.random.default_rng(SEED)
    letters = _letters(raw)
    parts = np.cumsum([TRAIN, HIDDEN, SAMPLE, *SUSPECTS.values()])
    order = np.split(rng.permutation(len(letters)), parts)
    train, hidden, sample, *strangers = (letters.iloc[rows] for rows in order[:-1])
    train = _mislabelled(train, rng)
    train.to_csv(public / "train.csv", index=False)
    for folder, rows in ((public, sample), (private, hidden)):
        rows.drop(columns=LABEL).to_csv(folder / "features.csv", index=False)
        rows[[LABEL]].to_csv(folder / "truth.csv", index=False)
    members = rng.permutation(len(train))
    for folder, others in zip((private, public), strangers, strict=True):
        chosen, members = members[: len(others)], members[len(others) :]
        inside = train.iloc[chosen].assign(side="in")
        outside = _mislabelled(others, rng).assign(side="out")
        _write_suspects(pd.concat([inside, outside]), rng, folder)


def _letters(raw: Path) -> pd.DataFrame:
    letters = pd.read_parquet(raw / "letterrecognition.parquet").rename(columns={"lettr": LABEL})
    letters.columns = letters.columns.str.replace(".", "_")
    features = [name for name in letters if name != LABEL]
    letters = letters.astype(dict.fromkeys(features, "int64"))
    return letters.drop_duplicates(subset=features)


def _mislabelled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    names = np.array([chr(code) for code in range(ord("A"), ord("Z") + 1)])
    step = rng.integers(1, len(names), len(rows)) * (rng.random(len(rows)) < WRONG)
    return rows.assign(**{LABEL: names[(np.searchsorted(names, rows[LABEL]) + step) % len(names)]})


def _write_suspects(rows: pd.DataFrame, rng: np.random.Generator, folder: Path) -> None:
    rows = rows.iloc[rng.permutation(len(rows))]
    answers = rows[[LABEL]].assign(**{SIDED: rows["side"] + " " + rows[LABEL]})
    features = rows.drop(columns=[LABEL, "side"])
    moved = (features + rng.uniform(-BLUR, BLUR, features.shape)).round(2)
    moved.to_csv(folder / "suspects.csv", index=False)
    answers.to_csv(folder / "truth_suspects.csv", index=False)
