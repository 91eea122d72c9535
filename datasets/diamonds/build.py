"""Prepare two populations of diamond prices: a public one to look at, a hidden one to sample."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20240302
PUBLIC, HIDDEN = 4_000, 20_000
DOLLARS_PER_UNIT = 1087.3  # hides the published mean; no hidden price is a whole number
DECIMALS = 5


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write `population.csv` twice, of different diamonds: public in dollars, hidden in a unit."""
    prices = pd.read_parquet(raw / "diamonds.parquet", columns=["price"])
    order = np.random.default_rng(SEED).permutation(len(prices))
    shown, hidden = prices.iloc[order[:PUBLIC]], prices.iloc[order[PUBLIC : PUBLIC + HIDDEN]]
    shown.to_csv(public / "population.csv", index=False)
    hidden = (hidden / DOLLARS_PER_UNIT).round(DECIMALS)
    hidden.to_csv(private / "population.csv", index=False)
