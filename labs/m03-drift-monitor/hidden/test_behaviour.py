"""Is a batch judged by itself, against the reference that fit was given?"""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.limits(timeout=60)
REFERENCE = 7000


@pytest.fixture
def clean(table, rng):
    return table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))


@pytest.fixture
def asked(table, rng):
    """Return the rows of a few batches, some of which have a fault."""
    rows = table("features")
    chosen = rng.choice(rows["batch"].unique(), 24, replace=False)
    return rows[rows["batch"].isin(chosen)].reset_index(drop=True)


def batches(rows, count, size, rng):
    drawn = [
        rows.sample(size, random_state=int(rng.integers(1 << 31))).assign(batch=100 + each)
        for each in range(count)
    ]
    return pd.concat(drawn, ignore_index=True)


def verdicts(solution, monitor, df):
    said = np.asarray(solution.hold(monitor, df))
    return pd.Series(said).groupby(df["batch"].to_numpy()).max()


@pytest.mark.points(5, hint="too many alarms on clean batches: each of several tests has its chance")
def test_false_alarms_are_rare(solution, clean, rng):
    monitor = solution.fit(clean.iloc[:REFERENCE].reset_index(drop=True))
    df = batches(clean.iloc[REFERENCE:], 160, 150, rng)
    assert verdicts(solution, monitor, df).mean() <= 0.12


@pytest.mark.points(4, hint="small clean batches are noisier: a mark for 150 rows does not suit 40")
def test_small_batches_do_not_alarm_more(solution, clean, rng):
    monitor = solution.fit(clean.iloc[:REFERENCE].reset_index(drop=True))
    df = batches(clean.iloc[REFERENCE:], 120, 40, rng)
    assert verdicts(solution, monitor, df).mean() <= 0.15


@pytest.mark.points(4, hint="the verdict on a batch must not depend on the other batches of df")
def test_a_batch_alone_gets_the_verdict_it_gets_in_company(solution, table, asked):
    monitor = solution.fit(table("train"))
    together = verdicts(solution, monitor, asked)
    for name, rows in asked.groupby("batch"):
        alone = verdicts(solution, monitor, rows.reset_index(drop=True))
        assert alone[name] == together[name]


@pytest.mark.points(3, hint="order of rows and numbers of batches must not matter")
def test_order_and_numbers_mean_nothing(solution, table, asked, rng):
    monitor = solution.fit(table("train"))
    before = verdicts(solution, monitor, asked)
    names = dict(zip(before.index, rng.permutation(5000)[: len(before)].tolist(), strict=True))
    mixed = asked.sample(frac=1, random_state=int(rng.integers(1 << 31)), ignore_index=True)
    after = verdicts(solution, monitor, mixed.assign(batch=mixed["batch"].map(names)))
    assert all(after[names[name]] == before[name] for name in before.index)


@pytest.mark.points(4, hint="what is usual is what fit is given, not what you know of these flights")
def test_the_reference_says_what_is_usual(solution, clean, rng):
    late = clean["hour"] >= 14
    usual, other = (clean[late], clean[~late]) if rng.random() < 0.5 else (clean[~late], clean[late])
    monitor = solution.fit(usual.iloc[:2500].reset_index(drop=True))
    assert verdicts(solution, monitor, batches(usual.iloc[2500:], 30, 150, rng)).mean() <= 0.2
    assert verdicts(solution, monitor, batches(other, 10, 150, rng)).mean() == 1
