"""Cut flight records into batches, and plant a fault in half of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 13
BATCH = 150
TRAIN_ROWS = 12_000
PUBLIC_POOL = 12_000
PUBLIC_BATCHES = 40
HIDDEN_BATCHES = 800

HOUR = ["origin", "month", "day", "hour"]
WEATHER = ["wind_speed", "pressure", "humid"]
COLUMNS = ["carrier", "origin", "hour", "distance", "air_time", *WEATHER]

Flights = pd.DataFrame
Fault = Callable[[Flights, np.random.Generator], Flights]


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write clean records as train, and batches from two other pools as sample and hidden part."""
    rng = np.random.default_rng(SEED)
    flights = _read(raw).sample(frac=1, random_state=SEED, ignore_index=True)
    flights[:TRAIN_ROWS].to_csv(public / "train.csv", index=False)
    ends = TRAIN_ROWS + PUBLIC_POOL
    _write(_batches(flights[TRAIN_ROWS:ends], PUBLIC_BATCHES, rng), public)
    _write(_batches(flights[ends:], HIDDEN_BATCHES, rng), private)


def _read(raw: Path) -> Flights:
    flights = pd.read_parquet(raw / "nyc_flights_90k.parquet")
    weather = pd.read_parquet(raw / "nyc_weather.parquet").drop_duplicates(HOUR)
    flights = flights[flights["air_time"].notna()]
    joined = flights.merge(weather[HOUR + WEATHER], on=HOUR, how="left")[COLUMNS]
    whole = dict.fromkeys(("hour", "distance", "air_time"), float)
    return joined.astype(whole).round(2)


def _batches(pool: Flights, count: int, rng: np.random.Generator) -> Flights:
    """Return ``count`` batches drawn from a pool, named in random order; half have a fault."""
    names = rng.permutation(np.arange(10_000, 10_000 + 3 * count))[:count]
    faults = [list(FAULTS)[each % len(FAULTS)] for each in range(count // 2)]
    kinds = rng.permutation(faults + ["none"] * (count - len(faults)))
    made = []
    for name, kind in zip(names, kinds, strict=True):
        rows = pool.sample(4 * BATCH, random_state=int(rng.integers(1 << 31)))
        if kind == "lost":
            rows = _lost(rows, rng)
        rows = rows[:BATCH].reset_index(drop=True)
        if kind in FAULTS:
            rows = FAULTS[kind](rows, rng)
        rows.insert(0, "batch", name)
        made.append(rows.assign(fault=int(kind != "none")))
    return pd.concat(made, ignore_index=True)


def _some(rows: Flights, share: float, rng: np.random.Generator) -> np.ndarray:
    return rng.random(len(rows)) < share


def _kilometres(rows: Flights, rng: np.random.Generator) -> Flights:
    km = (rows["distance"] * 1.609).round(1)
    return rows.assign(distance=rows["distance"].mask(_some(rows, 0.5, rng), km))


def _gaps(rows: Flights, rng: np.random.Generator) -> Flights:
    return rows.assign(pressure=rows["pressure"].mask(_some(rows, 0.25, rng)))


def _word(rows: Flights, rng: np.random.Generator) -> Flights:
    united = (rows["carrier"] == "UA") & _some(rows, 0.5, rng)
    return rows.assign(carrier=rows["carrier"].mask(united, "U1"))


def _gain(rows: Flights, _rng: np.random.Generator) -> Flights:
    return rows.assign(wind_speed=(rows["wind_speed"] * 1.4).round(2))


def _lost(rows: Flights, rng: np.random.Generator) -> Flights:
    return rows[(rows["origin"] != "LGA") | _some(rows, 0.3, rng)]


def _stuck(rows: Flights, rng: np.random.Generator) -> Flights:
    first = rows["humid"].dropna().iloc[0]
    return rows.assign(humid=rows["humid"].mask(_some(rows, 0.4, rng), first))


def _clock(rows: Flights, _rng: np.random.Generator) -> Flights:
    return rows.assign(hour=rows["hour"] + 2)


def _as_it_is(rows: Flights, _rng: np.random.Generator) -> Flights:
    return rows


FAULTS: dict[str, Fault] = {
    "kilometres": _kilometres,
    "gaps": _gaps,
    "word": _word,
    "gain": _gain,
    "lost": _as_it_is,  # rows are lost before the batch is cut, so that all have one size
    "stuck": _stuck,
    "clock": _clock,
}


def _write(batches: Flights, folder: Path) -> None:
    batches.drop(columns="fault").to_csv(folder / "features.csv", index=False)
    truth = batches[["fault", "batch"]].rename(columns={"batch": "together"})
    truth.to_csv(folder / "truth.csv", index=False)
