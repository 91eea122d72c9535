"""Do decisions follow the costs, and do gaps and new words get an answer?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=40)
BOUNDARY = 0.02  # probabilities this close to the turning point may go either way


@pytest.fixture
def applications(table, rng):
    rows = table("features").sample(60, random_state=int(rng.integers(1 << 31)))
    return rows.reset_index(drop=True)


@pytest.mark.points(6, hint="decide must move when the costs change: compare what each error costs")
def test_decisions_follow_the_costs(solution, fitted, rng):
    for _ in range(8):
        cost_fn, cost_fp = rng.uniform(0.5, 10, 2)
        turn = cost_fp / (cost_fn + cost_fp)
        p = rng.uniform(0, 1, 200)
        p = p[np.abs(p - turn) > BOUNDARY]
        decisions = solution.decide(fitted, p, cost_fn=float(cost_fn), cost_fp=float(cost_fp))
        np.testing.assert_array_equal(np.asarray(decisions), (p > turn).astype(int))


@pytest.mark.points(4, hint="at other costs, decisions must beat granting all and refusing all")
def test_decisions_pay_on_rows_with_known_outcome(solution, table, rng):
    rows = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    train, rest = rows.iloc[:1800].reset_index(drop=True), rows.iloc[1800:].reset_index(drop=True)
    model = solution.fit(train)
    p = solution.predict_proba(model, rest.drop(columns="bad"))
    bad = rest["bad"].to_numpy()
    for cost_fn, cost_fp in ((rng.uniform(2, 3), 1.0), (1.0, rng.uniform(0.3, 0.5))):
        refused = np.asarray(solution.decide(model, p, cost_fn=float(cost_fn), cost_fp=cost_fp))
        cost = np.mean(np.where(bad == 1, (refused == 0) * cost_fn, (refused == 1) * cost_fp))
        assert cost < min(cost_fn * bad.mean(), cost_fp * (1 - bad.mean()))


@pytest.mark.points(4, hint="gaps and words that train does not have must not stop the model")
def test_gaps_and_new_words_get_a_probability(solution, fitted, applications, rng):
    gaps = applications.copy()
    for name in ("Income", "Assets", "Debt"):
        gaps[name] = gaps[name].mask(rng.random(len(gaps)) < 0.5)
    for name in ("Home", "Job"):
        gaps[name] = gaps[name].mask(rng.random(len(gaps)) < 0.3)
        gaps[name] = gaps[name].mask(rng.random(len(gaps)) < 0.3, "other_" + str(rng.integers(99)))
    p = np.asarray(solution.predict_proba(fitted, gaps))
    assert p.shape == (len(applications),)
    assert ((p >= 0) & (p <= 1)).all()
