"""Is what goes together learnt from the table? Tables are made up for each run."""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.limits(timeout=30)
THEMES, ITEMS = 8, 6


def a_shop(rng, rows=900):
    """Return baskets of one theme each, and the theme of each; popular items are in all themes."""
    theme = rng.integers(0, THEMES, rows)
    own = np.repeat(np.eye(THEMES), ITEMS, axis=1)[theme] * (rng.random((rows, THEMES * ITEMS)) < 0.7)
    everywhere = rng.random((rows, 8)) < rng.uniform(0.3, 0.7, 8)
    names = [f"i{n}" for n in rng.permutation(1000)[: THEMES * ITEMS + 8]]
    return pd.DataFrame(np.hstack([own, everywhere]).astype(int), columns=names), theme


@pytest.mark.points(8, hint="items that were had together must come first, before popular ones")
def test_items_of_the_same_theme_come_first(solution, rng):
    baskets, _ = a_shop(rng)
    model = solution.fit(baskets)
    right = 0
    for theme in range(THEMES):
        names = list(rng.permutation(baskets.columns[theme * ITEMS : (theme + 1) * ITEMS]))
        row = (baskets.head(1) * 0).assign(**dict.fromkeys(names[:3], 1)).reset_index(drop=True)
        said = solution.recommend(model, row)[0].split()[:6]
        right += set(said) >= set(names[3:])
    assert right >= THEMES - 1


@pytest.mark.points(6, hint="two tags had together say more than each by itself: count pairs, or fit weights")
def test_pairs_that_go_together_are_found_in_noise(solution, rng):
    rows, items = 1500, 40
    table = (rng.random((rows, items)) < 0.15).astype(int)
    table[:, 1] = np.where(rng.random(rows) < 0.8, table[:, 0], table[:, 1])
    names = [f"t{n}" for n in rng.permutation(500)[:items]]
    model = solution.fit(pd.DataFrame(table, columns=names))
    row = pd.DataFrame([[1] + [0] * (items - 1)], columns=names)
    assert solution.recommend(model, row)[0].split()[0] == names[1]


@pytest.mark.points(6, hint="fitted on part of train, recommendations must find tags held back")
def test_tags_held_back_are_found(solution, table, rng):
    train = table("train").sample(frac=1, random_state=int(rng.integers(1 << 31)))
    model, rest = solution.fit(train.iloc[:1800].reset_index(drop=True)), train.iloc[1800:2200]
    shown, held = rest.reset_index(drop=True).copy(), []
    for place in range(len(shown)):
        tag = rng.choice(shown.columns[shown.iloc[place] == 1])
        shown.loc[place, tag] = 0
        held.append(tag)
    said = solution.recommend(model, shown)
    found = [tag in each.split()[:5] for tag, each in zip(held, said, strict=True)]
    assert np.mean(found) > 0.6
