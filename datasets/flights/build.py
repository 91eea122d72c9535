"""Split the flights by season, and soil them as the records of several airlines would be."""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 11
TARGET = "late"
LATE_MINUTES = 15
FIRST_HIDDEN_MONTH = 10
SAMPLE_MONTH = 9
SAMPLE_ROWS = 2000

KM_PER_MILE = 1.609
KM_SHARE = 0.04
SPELLING_SHARE = 0.05
MISSING_SHARE = 0.02
DUPLICATE_SHARE = 0.03
WEATHER_TWICE_SHARE = 0.01

AFTER_THE_FACT = ["dep_delay", "air_time", "arr_time"]
COLUMNS = [
    *("month", "day", "sched_dep_time", "sched_arr_time", "carrier", "flight", "tailnum"),
    *("origin", "dest", "distance", *AFTER_THE_FACT, TARGET),
]
WEATHER = [
    *("origin", "month", "day", "hour", "temp", "dewp", "humid", "wind_dir", "wind_speed"),
    *("wind_gust", "precip", "pressure", "visib"),
]
PLANES = ["tailnum", "year", "manufacturer", "model", "engines", "seats", "engine"]


def prepare(raw: Path, public: Path, private: Path) -> None:
    """Write January to September as train and sample, October to December as the hidden part."""
    rng = np.random.default_rng(SEED)
    flights = _read(raw / "nyc_flights_90k.parquet")
    hidden = (flights["month"] >= FIRST_HIDDEN_MONTH).to_numpy()
    latest = np.flatnonzero((flights["month"] == SAMPLE_MONTH).to_numpy())
    sample = np.zeros(len(flights), dtype=bool)
    sample[rng.choice(latest, SAMPLE_ROWS, replace=False)] = True

    _twice(flights[~hidden & ~sample], rng).to_csv(public / "train.csv", index=False)
    _write_apart(_soiled(flights[sample], rng), public)
    _write_apart(_soiled(flights[hidden], rng), private)
    _weather(raw / "nyc_weather.parquet", rng).to_csv(public / "weather.csv", index=False)
    planes = pd.read_parquet(raw / "nyc_planes.parquet")[PLANES]
    planes.astype({"year": "Int64"}).to_csv(public / "planes.csv", index=False)


def _read(path: Path) -> pd.DataFrame:
    flights = pd.read_parquet(path)
    flights[TARGET] = (flights["arr_delay"] > LATE_MINUTES).astype(int)
    whole = dict.fromkeys(AFTER_THE_FACT, "Int64")
    return flights.astype(whole)[COLUMNS].reset_index(drop=True)


def _twice(flights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return soiled flights, a few of them reported twice and soiled once more on the way."""
    again = flights[rng.random(len(flights)) < DUPLICATE_SHARE]
    both = pd.concat([_soiled(flights, rng), _soiled(again, rng)])
    return both.sort_values(["month", "day", "sched_dep_time"], kind="stable")


def _soiled(flights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    flights = flights.copy()
    distance = flights["distance"].astype(float)
    distance = distance.where(rng.random(len(flights)) >= KM_SHARE, distance * KM_PER_MILE)
    flights["distance"] = distance.mask(rng.random(len(flights)) < MISSING_SHARE).round(1)
    spoilt = " " + flights["carrier"].str.lower()
    clean = rng.random(len(flights)) >= SPELLING_SHARE
    flights["carrier"] = flights["carrier"].where(clean, spoilt)
    return flights


def _weather(path: Path, rng: np.random.Generator) -> pd.DataFrame:
    """Return the hourly weather, some hours of it sent twice: whoever joins must look."""
    weather = pd.read_parquet(path)[WEATHER].round(2)
    again = weather[rng.random(len(weather)) < WEATHER_TWICE_SHARE]
    return pd.concat([weather, again]).sort_index(kind="stable")


def _write_apart(flights: pd.DataFrame, folder: Path) -> None:
    """Write features as they are known before departure, as filled in later, and the labels."""
    filled = flights.drop(columns=TARGET)
    filled.to_csv(folder / "features_filled.csv", index=False)
    filled.assign(**dict.fromkeys(AFTER_THE_FACT)).to_csv(folder / "features.csv", index=False)
    flights[[TARGET]].to_csv(folder / "truth.csv", index=False)
