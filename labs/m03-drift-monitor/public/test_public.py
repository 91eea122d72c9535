"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import numpy as np
import pandas as pd
import pytest

BATCH = 150


def batches(rows, count):
    """Return the first rows as so many batches, numbered from 1."""
    rows = rows.head(count * BATCH).reset_index(drop=True)
    return rows.assign(batch=rows.index // BATCH + 1)


def verdicts(solution, monitor, df):
    """Return the verdict of each batch; every row of a batch must have the same."""
    said = pd.Series(np.asarray(solution.hold(monitor, df))).groupby(df["batch"].to_numpy())
    assert (said.nunique() == 1).all()
    return said.first()


@pytest.mark.points(3, hint="hold must return one 0 or 1 for each row, the same for all of a batch")
@pytest.mark.limits(timeout=30)
def test_every_batch_gets_one_verdict(solution, table):
    monitor = solution.fit(table("train"))
    assert set(verdicts(solution, monitor, table("features"))) <= {0, 1}


@pytest.mark.points(3, hint="a batch whose distances are all in kilometres must be held")
@pytest.mark.limits(timeout=30)
def test_kilometres_are_noticed(solution, table):
    train = table("train")
    monitor = solution.fit(train.iloc[:6000])
    df = batches(train.iloc[6000:], 4)
    km = df.assign(distance=df["distance"].where(df["batch"] != 2, df["distance"] * 1.609))
    assert verdicts(solution, monitor, km)[2] == 1


@pytest.mark.points(4, hint="of 20 clean batches, four or more are held: too many false alarms")
@pytest.mark.limits(timeout=30)
def test_clean_batches_go_through(solution, table):
    train = table("train")
    monitor = solution.fit(train.iloc[:6000])
    assert verdicts(solution, monitor, batches(train.iloc[6000:], 20)).sum() < 4
