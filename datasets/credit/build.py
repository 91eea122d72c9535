"""Split the credit applications into a public and a hidden part."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 3
TARGET = "bad"
HIDDEN_SHARE = 0.33
SAMPLE_SHARE = 0.1


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write train, a labelled sample for practice, and the hidden rows with their labels apart."""
    loans = pd.read_parquet(raw / "credit_data.parquet")
    features = [name for name in loans if name != "Status"]
    loans = loans.drop_duplicates(features, ignore_index=True)  # else two parts could share a row
    loans[TARGET] = (loans.pop("Status") == "bad").astype(int)
    part = _parts(loans[TARGET].to_numpy())
    loans[part == "train"].to_csv(public / "train.csv", index=False)
    _write_apart(loans[part == "sample"], public)
    _write_apart(loans[part == "hidden"], private)


def _parts(label: np.ndarray) -> np.ndarray:
    """Return the part of each row, with the same share of bad loans in each."""
    rng = np.random.default_rng(SEED)
    part = np.full(len(label), "train", dtype="U6")
    for value in (0, 1):
        rows = rng.permutation(np.flatnonzero(label == value))
        hidden, sample = round(HIDDEN_SHARE * len(rows)), round(SAMPLE_SHARE * len(rows))
        part[rows[:hidden]] = "hidden"
        part[rows[hidden : hidden + sample]] = "sample"
    return part


def _write_apart(loans: pd.DataFrame, folder: Path) -> None:
    loans.drop(columns=TARGET).to_csv(folder / "features.csv", index=False)
    loans[[TARGET]].to_csv(folder / "truth.csv", index=False)
