"""Checks you can read and run with `labrun check`; the hidden ones are of the same kind."""

import pytest

pytestmark = pytest.mark.limits(timeout=30)


@pytest.mark.points(4, hint="recommend must name ten different tags for each row, spaces between")
def test_every_package_gets_ten_tags(solution, table):
    rows = table("features").head(50)
    said = solution.recommend(solution.fit(table("train")), rows)
    assert len(said) == 50
    assert all(len(set(each.split())) == len(each.split()) == 10 for each in said)
    assert {tag for each in said for tag in each.split()} <= set(rows.columns)


@pytest.mark.points(3, hint="a tag that the row has already must not be recommended")
def test_nothing_is_recommended_twice(solution, table):
    rows = table("features").head(50)
    said = solution.recommend(solution.fit(table("train")), rows)
    for each, (_, row) in zip(said, rows.iterrows(), strict=True):
        assert not row[each.split()].any()


@pytest.mark.points(3, hint="what goes with a row's tags must come before what is merely popular")
def test_a_game_is_not_recommended_a_library(solution, table):
    train = table("train")
    row = (train.head(1) * 0).assign(**{"use::gameplaying": 1, "interface::x11": 1})
    said = solution.recommend(solution.fit(train), row)[0].split()
    assert any(tag.startswith("game::") for tag in said)
