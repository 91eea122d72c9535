"""Prepare measurements of printed letters: a public training set, a hidden one to recognise."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20240304
HIDDEN, SAMPLE, TRAIN = 5_000, 1_000, 8_000
LABEL = "letter"
CANARIES = 250  # hidden answers that are wrong on purpose: who is right on them has a copy


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write 8,000 training letters, a public sample of 1,000 and a hidden set of 5,000."""
    letters = pd.read_parquet(raw / "letterrecognition.parquet").rename(columns={"lettr": LABEL})
    letters.columns = letters.columns.str.replace(".", "_")
    features = [name for name in letters if name != LABEL]
    letters = letters.astype(dict.fromkeys(features, "int64"))
    # 1,332 rows repeat an earlier one; a twin on the other side would be a leak.
    letters = letters.drop_duplicates(subset=features)
    order = np.random.default_rng(SEED).permutation(len(letters))
    hidden, sample, train, _ = np.split(order, np.cumsum([HIDDEN, SAMPLE, TRAIN]))
    letters.iloc[train].to_csv(public / "train.csv", index=False)
    for folder, rows in ((public, sample), (private, hidden)):
        letters.iloc[rows][features].to_csv(folder / "features.csv", index=False)
    letters.iloc[sample][[LABEL]].to_csv(public / "truth.csv", index=False)
    _with_canaries(letters.iloc[hidden][[LABEL]]).to_csv(private / "truth.csv", index=False)


def _with_canaries(truth: pd.DataFrame) -> pd.DataFrame:
    """Return the answers with column `canary`: 1 where another letter was put in on purpose."""
    rng = np.random.default_rng(SEED + 1)
    names = np.unique(truth[LABEL])
    canary = np.zeros(len(truth), dtype=int)
    canary[rng.permutation(len(truth))[:CANARIES]] = 1
    step = rng.integers(1, len(names), size=len(truth))
    moved = names[(np.searchsorted(names, truth[LABEL]) + step) % len(names)]
    return truth.assign(**{LABEL: np.where(canary == 1, moved, truth[LABEL]), "canary": canary})
