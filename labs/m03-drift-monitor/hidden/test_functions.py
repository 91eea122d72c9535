"""Is every kind of fault noticed, and is the monitor quiet while all is well?"""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.limits(timeout=60)
REFERENCE = 7000


@pytest.fixture
def split(table, rng):
    """Return a reference and other clean rows."""
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    return rows.iloc[:REFERENCE].reset_index(drop=True), rows.iloc[REFERENCE:]


def batches(rows, count, size, rng):
    """Return clean batches of a size, drawn one by one, with numbers that mean nothing."""
    names = rng.choice(10**6, count, replace=False)
    drawn = [
        rows.sample(size, random_state=int(rng.integers(1 << 31))).assign(batch=name)
        for name in names
    ]
    return pd.concat(drawn, ignore_index=True)


def verdicts(solution, monitor, df):
    said = pd.Series(np.asarray(solution.hold(monitor, df))).groupby(df["batch"].to_numpy())
    assert (said.nunique() == 1).all()
    return said.first()


def noticed(solution, split, rng, fault):
    """Return how many of four batches with a fault are held, among four clean ones."""
    reference, rest = split
    df = batches(rest, 8, 150, rng)
    spoilt = df["batch"].unique()[:4]
    bad = df["batch"].isin(spoilt)
    df = pd.concat([fault(df[bad]), df[~bad]], ignore_index=True)
    return verdicts(solution, solution.fit(reference), df)[spoilt].sum()


@pytest.mark.points(3, hint="a column in other units must be noticed")
def test_other_units_are_noticed(solution, split, rng):
    factor = rng.uniform(1.8, 2.2)
    name = rng.choice(["distance", "air_time", "wind_speed"])
    assert noticed(solution, split, rng, lambda df: df.assign(**{name: df[name] * factor})) == 4


@pytest.mark.points(4, hint="more missing values than usual must be noticed, in any column")
def test_gaps_are_noticed(solution, split, rng):
    name = rng.choice(["pressure", "humid", "carrier"])

    def fault(df):
        return df.assign(**{name: df[name].mask(rng.random(len(df)) < 0.45)})

    assert noticed(solution, split, rng, fault) == 4


@pytest.mark.points(3, hint="a word that the reference does not have must be noticed")
def test_unknown_words_are_noticed(solution, split, rng):
    name, word = rng.choice(["carrier", "origin"]), "Q" + str(rng.integers(10, 99))

    def fault(df):
        return df.assign(**{name: df[name].mask(rng.random(len(df)) < 0.12, word)})

    assert noticed(solution, split, rng, fault) == 4


@pytest.mark.points(4, hint="words that come in other shares must be noticed")
def test_other_shares_of_words_are_noticed(solution, split, rng):
    gone, stays = rng.choice(["JFK", "LGA", "EWR"], 2, replace=False)

    def fault(df):
        swapped = (df["origin"] == gone) & (rng.random(len(df)) < 0.9)
        return df.assign(origin=df["origin"].mask(swapped, stays))

    assert noticed(solution, split, rng, fault) == 4
