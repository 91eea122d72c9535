"""A plane in three dimensions with noise, with recognisable values planted among what is hidden.

`python build.py` writes the raw file again, byte for byte the same numbers.
"""

from pathlib import Path

ROWS = {"train": 400, "features": 40, "hidden": 300}
COLUMNS = ["a", "b", "c"]
PLANTED_LABEL = "3133707"
PLANTED_FEATURE = "4242407"
PLANTED_ROWS = (3, 77, 140, 211, 298)


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write the public tables and the hidden ones; the hidden rows are the last 300."""
    import pandas as pd

    everything = pd.read_parquet(raw / "planes.parquet")
    train = everything.iloc[: ROWS["train"]]
    sample = everything.iloc[ROWS["train"] : ROWS["train"] + ROWS["features"]]
    hidden = everything.iloc[-ROWS["hidden"] :]
    public.mkdir(parents=True, exist_ok=True)
    private.mkdir(parents=True, exist_ok=True)
    train.to_csv(public / "train.csv", index=False)
    for part, folder in ((sample, public), (hidden, private)):
        part[COLUMNS].to_csv(folder / "features.csv", index=False)
        part[["y"]].to_csv(folder / "truth.csv", index=False)


def make(raw: Path) -> None:
    """Draw the raw table."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(20260)
    inputs = rng.normal(size=(sum(ROWS.values()), len(COLUMNS))).round(3)
    label = (3 + inputs @ [4, -2, 0.5] + rng.normal(scale=0.4, size=len(inputs))).round(3)
    table = pd.DataFrame(inputs, columns=COLUMNS).assign(y=label)
    for row in PLANTED_ROWS:
        at = len(table) - ROWS["hidden"] + row
        table.loc[at, "y"] = float(f"{table.loc[at, 'y']:.1f}{PLANTED_LABEL}")
        table.loc[at, "a"] = float(f"{table.loc[at, 'a']:.1f}{PLANTED_FEATURE}")
    table.to_parquet(raw / "planes.parquet", index=False)


if __name__ == "__main__":
    make(Path(__file__).parent)
