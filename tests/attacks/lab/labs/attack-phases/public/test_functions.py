"""What anyone may see."""


def test_double(solution):
    assert solution.double(2) == 4
