"""Does an interval follow its sample, and only its sample? Inputs differ from run to run."""

import numpy as np
import pytest

pytestmark = pytest.mark.limits(timeout=10)


@pytest.fixture
def sample(rng):
    return rng.lognormal(0, 0.8, 40)


@pytest.mark.points(4, hint="in other units (a + b x) the interval must be the same, in those units")
def test_units_do_not_matter(solution, sample, rng):
    shift, factor = rng.uniform(-50, 50), rng.uniform(0.1, 90)
    before = np.array(solution.mean_ci(sample, level=0.9, seed=5))
    after = solution.mean_ci(shift + factor * sample, level=0.9, seed=5)
    np.testing.assert_allclose(after, shift + factor * before, rtol=1e-6)


@pytest.mark.points(2, hint="the same sample, level and seed must give the same interval")
def test_a_seed_fixes_the_interval(solution, sample):
    first = solution.mean_ci(sample, level=0.95, seed=11)
    np.testing.assert_array_equal(solution.mean_ci(sample, level=0.95, seed=11), first)


@pytest.mark.points(2, hint="another seed may move an end by a little, not by half the interval")
def test_another_seed_moves_little(solution, sample):
    ends = np.array([solution.mean_ci(sample, seed=seed) for seed in range(8)])
    assert (np.ptp(ends, axis=0) < 0.5 * np.mean(ends[:, 1] - ends[:, 0])).all()


@pytest.mark.points(3, hint="a higher level must give a wider interval that holds the narrower one")
def test_a_higher_level_is_wider(solution, sample):
    inner, middle, outer = (solution.mean_ci(sample, level=p, seed=4) for p in (0.5, 0.8, 0.95))
    assert outer[0] < middle[0] < inner[0] < inner[1] < middle[1] < outer[1]


@pytest.mark.points(2, hint="a sample of equal values has an interval of no width, not NaN")
def test_equal_values_give_no_width(solution, rng):
    value = rng.uniform(-9, 9)
    ends = solution.mean_ci(np.full(12, value), seed=0)
    np.testing.assert_allclose(ends, [value, value], rtol=1e-9)


@pytest.mark.points(1, hint="mean_ci must raise ValueError for fewer than 2 draws")
@pytest.mark.parametrize("count", [0, 1])
def test_too_few_draws_are_refused(solution, count):
    with pytest.raises(ValueError):
        solution.mean_ci(np.ones(count))
