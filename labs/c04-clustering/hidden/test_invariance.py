"""Does the grouping depend on the animals alone: not on units, row order or names?"""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

pytestmark = pytest.mark.limits(timeout=30)


@pytest.mark.points(4, hint="grams or kilograms, the groups must stay the same")
def test_units_do_not_matter(solution, table, rng):
    penguins = table("features")
    other = penguins * 10.0 ** rng.integers(-3, 4, penguins.shape[1])
    same = adjusted_rand_score(solution.cluster(penguins, 3), solution.cluster(other, 3))
    assert same > 0.95


@pytest.mark.points(3, hint="the order of the rows must not change who is with whom")
def test_the_order_of_rows_does_not_matter(solution, table, rng):
    penguins = table("features")
    order = rng.permutation(len(penguins))
    shuffled = penguins.iloc[order].reset_index(drop=True)
    before = np.asarray(solution.cluster(penguins, 3))[order]
    assert adjusted_rand_score(before, solution.cluster(shuffled, 3)) > 0.95


@pytest.mark.points(3, hint="the names and the order of the columns must not matter")
def test_names_do_not_matter(solution, table, rng):
    penguins = table("features")
    order = rng.permutation(penguins.shape[1])
    renamed = penguins.iloc[:, order].set_axis([f"q{i}" for i in order], axis="columns")
    assert adjusted_rand_score(solution.cluster(penguins, 3), solution.cluster(renamed, 3)) > 0.95
