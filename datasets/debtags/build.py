"""Turn Debian's package tags into a table of packages by tags, and hold some tags back."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 17
HIDDEN_ROWS = 1500
SAMPLE_ROWS = 200
LEAST_PACKAGES = 10  # a tag of fewer packages is left out
LEAST_TAGS = 6  # so is a package of fewer tags
HELD_SHARE = 0.25
NO_FACT = ("::TODO", "special::")  # notes of the people who tag


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write whole packages as train; of the others the shown tags, and apart those held back."""
    rng = np.random.default_rng(SEED)
    table = _table(pd.read_parquet(raw / "debtags.parquet")["tags"], rng)
    held_back, rest = table[: HIDDEN_ROWS + SAMPLE_ROWS], table[HIDDEN_ROWS + SAMPLE_ROWS :]
    shown, held = _split(held_back, rng)
    seen = set(map(tuple, rest.to_numpy()))
    new = ~shown.duplicated().to_numpy() & np.array(
        [tuple(row) not in seen for row in shown.to_numpy()]
    )
    shown, held = shown[new], held[new]
    rest.to_csv(public / "train.csv", index=False)
    for folder, rows in ((public, slice(0, SAMPLE_ROWS)), (private, slice(SAMPLE_ROWS, None))):
        shown[rows].to_csv(folder / "features.csv", index=False)
        pd.DataFrame({"held": held[rows]}).to_csv(folder / "truth.csv", index=False)


def _table(tags: "pd.Series[str]", rng: np.random.Generator) -> pd.DataFrame:
    """Return 0 and 1, packages by tags: no two packages alike, in random order, without names."""
    sets = [_facts(text) for text in tags]
    counts = Counter(tag for each in sets for tag in each)
    known = sorted(tag for tag, count in counts.items() if count >= LEAST_PACKAGES)
    rows = [[int(tag in each) for tag in known] for each in sets]
    table = pd.DataFrame(rows, columns=known)
    table = table[table.sum(axis=1) >= LEAST_TAGS].drop_duplicates()
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def _facts(text: str) -> set[str]:
    parts = (part.strip() for part in text.split(","))
    return {part for part in parts if part and not any(note in part for note in NO_FACT)}


def _split(table: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table with a quarter of each package's tags set to 0, and these tags as text."""
    shown, held = table.to_numpy().copy(), []
    for row in shown:
        tags = rng.permutation(np.flatnonzero(row))
        hidden = np.sort(tags[: max(1, int(HELD_SHARE * len(tags)))])
        row[hidden] = 0
        held.append(" ".join(table.columns[hidden]))
    return pd.DataFrame(shown, columns=table.columns), np.array(held, dtype=object)
