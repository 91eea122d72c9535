"""Prepare two sets of measurements with hidden groups: penguins by species, oils by district."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20240303
SAMPLE = 100
JITTER = 0.02  # of a column's standard deviation: no published row can be looked up exactly
DECIMALS = 3
PENGUINS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
ACIDS = (
    "palmitic",
    "palmitoleic",
    "stearic",
    "oleic",
    "linoleic",
    "linolenic",
    "arachidic",
    "eicosenoic",
)
OILS = tuple(f"m{number}" for number in range(1, len(ACIDS) + 1))  # names that tell nothing
REHEARSAL = ("East-Liguria", "Sicily", "Umbria")
HIDDEN = ("Coast-Sardinia", "Inland-Sardinia", "South-Apulia")


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write features and truth of both sets: other penguins and other districts on each side."""
    rng = np.random.default_rng(SEED)
    penguins = pd.read_parquet(raw / "penguins.parquet").dropna(subset=[*PENGUINS])
    penguins = _jittered(penguins[[*PENGUINS, "species"]], rng)
    _write(penguins.iloc[:SAMPLE], public, "features", "truth")
    _write(penguins.iloc[SAMPLE:], private, "features", "truth")
    olive = pd.read_parquet(raw / "olive.parquet")
    for folder, districts in ((public, REHEARSAL), (private, HIDDEN)):
        oils = olive.loc[olive["area"].isin(districts), [*ACIDS, "area"]]
        oils = oils.set_axis([*OILS, "district"], axis="columns")
        _write(_jittered(oils, rng), folder, "oils", "truth_oils")


def _jittered(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows shuffled, with a little noise on all but the last column, the label."""
    table = table.iloc[rng.permutation(len(table))]
    values = table.iloc[:, :-1].astype(float)
    noise = rng.normal(0, JITTER, values.shape) * values.std().to_numpy()
    return (values + noise).round(DECIMALS).join(table.iloc[:, -1])


def _write(table: pd.DataFrame, folder: Path, features: str, truth: str) -> None:
    table.iloc[:, :-1].to_csv(folder / f"{features}.csv", index=False)
    table.iloc[:, -1].to_csv(folder / f"{truth}.csv", index=False)
