"""Prepare near-infrared spectra of meat: a public training set, a hidden one to predict fat on."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20240301
HIDDEN, SAMPLE = 70, 20
LABEL = "fat"


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write 103 training spectra, a public sample of 20 and a hidden set of 70."""
    meats = pd.read_parquet(raw / "meats.parquet")
    spectra = [name for name in meats if name.startswith("x_")]
    # 22 samples were scanned into the file twice; a twin on the other side would be a leak.
    meats = meats.drop_duplicates(subset=spectra)
    order = np.random.default_rng(SEED).permutation(len(meats))
    hidden, sample, train = np.split(order, [HIDDEN, HIDDEN + SAMPLE])
    meats.iloc[train][[*spectra, LABEL]].to_csv(public / "train.csv", index=False)
    for folder, rows in ((public, sample), (private, hidden)):
        meats.iloc[rows][spectra].to_csv(folder / "features.csv", index=False)
        meats.iloc[rows][[LABEL]].to_csv(folder / "truth.csv", index=False)
