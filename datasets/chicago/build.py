"""Split fifteen years of riders by time: the last days are hidden."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 14
TARGET = "ridership"
HIDDEN_DAYS = 800
SAMPLE_DAYS = 150


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write train, the days after it as a labelled sample, and the last days with riders apart."""
    days = pd.read_parquet(raw / "chicago_l.parquet").sort_values("date", ignore_index=True)
    days["date"] = pd.to_datetime(days["date"]).dt.strftime("%Y-%m-%d")
    days = days[["date", *(name for name in days if name != "date")]]
    end = len(days) - HIDDEN_DAYS
    days.iloc[: end - SAMPLE_DAYS].to_csv(public / "train.csv", index=False)
    rng = np.random.default_rng(SEED)
    _write_apart(days.iloc[end - SAMPLE_DAYS : end], public, rng)
    _write_apart(days.iloc[end:], private, rng)


def _write_apart(days: pd.DataFrame, folder: Path, rng: np.random.Generator) -> None:
    days = days.iloc[rng.permutation(len(days))]  # the order of rows tells nothing; dates do
    days.drop(columns=TARGET).to_csv(folder / "features.csv", index=False)
    days[[TARGET]].to_csv(folder / "truth.csv", index=False)
