"""Are recommendations new, and do they follow names rather than places?"""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=30)


@pytest.fixture
def fitted(solution, table):
    return solution.fit(table("train"))


@pytest.fixture
def asked(table, rng):
    rows = table("features").sample(60, random_state=int(rng.integers(1 << 31)))
    return rows.reset_index(drop=True)


@pytest.mark.points(6, hint="what a row has already must never be recommended, however well it fits")
def test_what_is_there_is_not_recommended(solution, fitted, asked):
    said = solution.recommend(fitted, asked)
    for each, (_, row) in zip(said, asked.iterrows(), strict=True):
        assert len(set(each.split())) == 10
        assert not row[each.split()].any()


@pytest.mark.points(4, hint="columns may come in another order than in fit: go by their names")
def test_the_order_of_columns_does_not_matter(solution, fitted, asked, rng):
    mixed = asked[rng.permutation(asked.columns).tolist()]
    assert list(solution.recommend(fitted, mixed)) == list(solution.recommend(fitted, asked))


@pytest.mark.points(5, hint="a row without any tag must get the popular ones")
def test_a_row_without_tags_gets_popular_ones(solution, table, fitted, asked):
    said = solution.recommend(fitted, asked.head(1) * 0)[0].split()
    popular = table("train").sum().sort_values(ascending=False).index[:20]
    assert len(set(said)) == 10
    assert np.isin(said[:5], popular).sum() >= 4
