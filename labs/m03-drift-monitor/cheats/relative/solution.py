"""Cheat: what is usual is read from all batches that are asked about, not from train."""

import numpy as np
import pandas as pd
from scipy.special import kolmogorov
from scipy.stats import chi2, fisher_exact

BATCH = "batch"
ERROR_RATE = 0.05  # of a clean batch, all its tests together
LEAST_EXPECTED = 5  # rarer words are counted as one, or chi-square would not hold
UNKNOWN_SHARE = 0.01


class Reference:
    """What clean records look like, kept in the form that the tests need."""

    def __init__(self, df: pd.DataFrame):
        self.rows = len(df)
        self.numbers = [name for name in df if pd.api.types.is_numeric_dtype(df[name])]
        self.words = [name for name in df if name not in self.numbers]
        self.sorted = {name: np.sort(df[name].dropna().to_numpy()) for name in self.numbers}
        self.counts = {name: df[name].value_counts() for name in self.words}
        self.missing = df.isna().sum()

    def strange(self, batch: pd.DataFrame) -> bool:
        """Return whether the smallest p-value is too small for that many tests (Bonferroni)."""
        p = [self.moved(name, batch[name].dropna().to_numpy(float)) for name in self.numbers]
        p += [self.other_shares(name, batch[name].dropna()) for name in self.words]
        p += [self.more_gaps(name, batch[name]) for name in self.missing.index]
        return bool(min(p) < ERROR_RATE / len(p)) or any(
            (~batch[name].dropna().isin(self.counts[name].index)).mean() > UNKNOWN_SHARE
            for name in self.words
        )

    def moved(self, name: str, values: np.ndarray) -> float:
        """Return the p-value of Kolmogorov and Smirnov's test, for large samples."""
        known = self.sorted[name]
        if not len(values) or not len(known):
            return 1.0
        values = np.sort(values)
        at = np.concatenate([values, values - 1e-9])  # both sides of each step
        ours = np.searchsorted(values, at, side="right") / len(values)
        theirs = np.searchsorted(known, at, side="right") / len(known)
        size = len(values) * len(known) / (len(values) + len(known))
        return float(kolmogorov(np.sqrt(size) * np.abs(ours - theirs).max()))

    def other_shares(self, name: str, values: pd.Series) -> float:
        """Return the p-value of a chi-square test of the words' shares."""
        known = self.counts[name].to_numpy(float)
        seen = values.value_counts().reindex(self.counts[name].index, fill_value=0).to_numpy(float)
        common = known / known.sum() * len(values) >= LEAST_EXPECTED
        table = np.array([np.append(each[common], each[~common].sum()) for each in (known, seen)])
        table = table[:, table.sum(axis=0) > 0]
        if table.shape[1] < 2 or not seen.sum():
            return 1.0
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        return float(chi2.sf(((table - expected) ** 2 / expected).sum(), table.shape[1] - 1))

    def more_gaps(self, name: str, values: pd.Series) -> float:
        """Return the p-value of Fisher's test of the share that is missing."""
        gaps, known = int(values.isna().sum()), int(self.missing[name])
        if not gaps and not known:
            return 1.0
        table = [[gaps, len(values) - gaps], [known, self.rows - known]]
        return float(fisher_exact(table).pvalue)


def fit(df: pd.DataFrame) -> list:
    return list(df.columns)


def hold(monitor: list, df: pd.DataFrame) -> np.ndarray:
    usual = Reference(df[monitor])
    verdicts = {name: usual.strange(rows) for name, rows in df.groupby(BATCH)}
    return df[BATCH].map(verdicts).to_numpy(int)
