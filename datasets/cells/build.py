"""Split measurements of cells into a public and a hidden part, as their authors did."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 3007
TARGET = "poor"
SAMPLE = 120


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write train, a labelled sample for practice, and the hidden cells with their labels apart."""
    cells = pd.read_parquet(raw / "cells.parquet")
    part = cells.pop("case").to_numpy()
    cells[TARGET] = (cells.pop("class") == "PS").astype(int)
    rng = np.random.default_rng(SEED)
    # In the original, cells of one picture stand together: the order would tell something.
    shown = rng.permutation(np.flatnonzero(part == "Train"))
    hidden = rng.permutation(np.flatnonzero(part == "Test"))
    cells.iloc[shown[SAMPLE:]].to_csv(public / "train.csv", index=False)
    _write_apart(cells.iloc[shown[:SAMPLE]], public)
    _write_apart(cells.iloc[hidden], private)


def _write_apart(cells: pd.DataFrame, folder: Path) -> None:
    cells.drop(columns=TARGET).to_csv(folder / "features.csv", index=False)
    cells[[TARGET]].to_csv(folder / "truth.csv", index=False)
