"""Are decisions learned, for each sex, from the table? Inputs differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=60)
SWAPPED = {"Female": "Male", "Male": "Female"}


def apart(decided, earned, sex):
    """Return how far women and men are apart in true or in false positive rate."""
    rates = [
        [decided[(sex == name) & (earned == answer)].mean() for answer in (0, 1)]
        for name in SWAPPED
    ]
    return np.abs(np.subtract(*rates)).max()


def parts(table, rng, size):
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    return rows.iloc[:size].reset_index(drop=True), rows.iloc[size:].reset_index(drop=True)


@pytest.mark.points(8, hint="were it the women who earn more, decisions would have to be fair too")
def test_the_sexes_may_change_places(solution, table, rng):
    train, rest = parts(table, rng, 10_000)
    train, rest = (each.assign(sex=each["sex"].map(SWAPPED)) for each in (train, rest))
    decided = np.asarray(
        solution.predict(solution.fit(train), rest.drop(columns="over_50k").reset_index(drop=True))
    )
    gap = apart(decided, rest["over_50k"].to_numpy(), rest["sex"].to_numpy(str))
    assert gap < 0.17  # of 10,000 rows the honest solution has 0.04, give or take 0.03


@pytest.mark.points(6, hint="fitted on a third of train, decisions must be good on the other rows")
def test_decisions_are_good_on_rows_not_seen(solution, table, rng):
    train, rest = parts(table, rng, 7_000)
    decided = np.asarray(solution.predict(solution.fit(train), rest.drop(columns="over_50k")))
    earned = rest["over_50k"].to_numpy() == 1
    assert (decided[earned].mean() + 1 - decided[~earned].mean()) / 2 > 0.74


@pytest.mark.points(6, hint="gaps, new words and a sex that train does not have need a decision")
def test_gaps_and_new_words_get_a_decision(solution, table, rng):
    train, _ = parts(table, rng, 3_000)
    rows = table("features").sample(80, random_state=int(rng.integers(1 << 31)))
    rows = rows.reset_index(drop=True)
    for name in ("age", "dividends"):
        rows[name] = rows[name].astype(float).mask(rng.random(len(rows)) < 0.3)
    for name in ("sex", "education", "marital"):
        rows[name] = rows[name].mask(rng.random(len(rows)) < 0.3, "other " + str(rng.integers(99)))
    decided = np.asarray(solution.predict(solution.fit(train), rows))
    assert decided.shape == (80,)
    assert set(decided.tolist()) <= {0, 1}
