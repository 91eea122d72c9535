"""Split census answers of adult workers into a public and a hidden part."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20_251_104
TARGET = "over_50k"
GROUPED = "sex_over_50k"  # group and answer in one word each, as the fairness metric reads them
TRAIN, SAMPLE = 20_000, 4_000
NUMBERS = [
    "age", "weeks_worked", "wage_per_hour", "cap_gain", "cap_loss", "dividends", "n_persons",
]  # fmt: skip
WORDS = [
    "sex", "education", "class_of_worker", "industry_code", "major_industry", "occupation_code",
    "major_occupation", "employment", "union", "enrolled_edu", "own_business", "tax_filer",
    "marital", "household_summary", "household_detail", "race", "hispanic", "self_birth",
    "citizenship",
]  # fmt: skip


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write train, a labelled sample for practice, and the hidden rows with their labels apart."""
    files = [raw / f"census_{part}.parquet" for part in ("train_30k", "test_20k")]
    people = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    label = people["income"].str.contains("50000+", regex=False).astype(int)
    people = people[NUMBERS + WORDS].assign(**{TARGET: label})
    people = people.drop_duplicates(NUMBERS + WORDS, ignore_index=True)  # else parts share a row
    order = np.random.default_rng(SEED).permutation(len(people))
    train, sample, hidden = np.split(order, np.cumsum([TRAIN, SAMPLE]))
    people.iloc[train].to_csv(public / "train.csv", index=False)
    _write_apart(people.iloc[sample], public)
    _write_apart(people.iloc[hidden], private)


def _write_apart(people: pd.DataFrame, folder: Path) -> None:
    people[NUMBERS + WORDS].to_csv(folder / "features.csv", index=False)
    both = people["sex"].astype(str) + " " + people[TARGET].astype(str)
    truth = people[[TARGET]].assign(**{GROUPED: both})
    truth.to_csv(folder / "truth.csv", index=False)
