"""Hidden: the digits 3133707 are never sent to a container, 4242407 only as an input."""

import numpy as np
import pytest


@pytest.mark.points(10, hint="double() returns twice its argument")
@pytest.mark.limits(timeout=3)
def test_double(solution):
    """The secret is 3133707.25."""
    assert solution.double(1566853.625) == 3133707.25
    assert solution.double(-2) == -4


@pytest.mark.points(10, hint="rms() returns the root of the mean square")
@pytest.mark.limits(timeout=3)
def test_rms(solution, rng):
    values = np.append(rng.normal(size=50), 4242407.5)
    assert solution.rms(values) == pytest.approx(np.sqrt(np.mean(values**2)), rel=1e-9)


@pytest.mark.points(10, hint="standardise() gives every column mean 0 and standard deviation 1")
@pytest.mark.limits(timeout=3)
def test_standardise(solution, rng):
    table = rng.normal(3, 5, size=(60, 3))
    wanted = (table - table.mean(axis=0)) / table.std(axis=0)
    np.testing.assert_allclose(solution.standardise(table), wanted, atol=1e-9)


@pytest.mark.points(5, hint="a Tally remembers what was added")
@pytest.mark.limits(timeout=3)
def test_tally(solution, rng):
    numbers = rng.normal(size=5)
    tally = solution.Tally()
    for number in numbers:
        tally.add(float(number))
    assert tally.count == 5
    assert tally.mean() == pytest.approx(numbers.mean())


@pytest.mark.points(5, hint="checked_sqrt() raises ValueError for a negative number")
@pytest.mark.limits(timeout=3)
def test_checked_sqrt(solution):
    assert solution.checked_sqrt(2.25) == 1.5
    with pytest.raises(ValueError):
        solution.checked_sqrt(-1.0)


@pytest.mark.points(5, hint="apply_twice() calls the function on its own result")
@pytest.mark.limits(timeout=3)
def test_apply_twice(solution, rng):
    step, start, calls = int(rng.integers(2, 100)), int(rng.integers(100)), []

    def add(value):
        calls.append(value)
        return value + step

    assert solution.apply_twice(add, start) == start + 2 * step
    assert calls == [start, start + step]
