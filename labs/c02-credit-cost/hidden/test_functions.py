"""Does the model learn from what it is given? Inputs differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)


def sorted_right(bad, p):
    """Return the share of pairs of a bad and a good loan in which the bad one scores higher."""
    higher = p[bad == 1][:, None] - p[bad == 0][None, :]
    return np.mean((higher > 0) + 0.5 * (higher == 0))


@pytest.mark.points(4, hint="fitted on two thirds of train, the model must sort the other third")
def test_the_model_sorts_rows_it_has_not_seen(solution, table, rng):
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    train, rest = rows.iloc[:1800].reset_index(drop=True), rows.iloc[1800:].reset_index(drop=True)
    p = solution.predict_proba(solution.fit(train), rest.drop(columns="bad"))
    assert sorted_right(rest["bad"].to_numpy(), np.asarray(p)) > 0.74


@pytest.mark.points(4, hint="where more loans of train went bad, the probabilities must be higher")
def test_probabilities_follow_the_share_of_bad_loans(solution, table, rng):
    train, applications = table("train"), table("features").head(200)
    good, bad = train[train["bad"] == 0], train[train["bad"] == 1]
    state = int(rng.integers(1 << 31))
    few = good.sample(500, random_state=state).index.union(
        bad.sample(100, random_state=state).index
    )
    many = good.sample(300, random_state=state).index.union(
        bad.sample(300, random_state=state).index
    )
    low = solution.predict_proba(solution.fit(train.loc[few].reset_index(drop=True)), applications)
    high = solution.predict_proba(
        solution.fit(train.loc[many].reset_index(drop=True)), applications
    )
    assert np.mean(high) > np.mean(low) + 0.15
