"""How likely a value with sampling error reaches a mark, given what it truly is."""

import math

STEPS = (-2, -1, 0, 1, 2)


def chance_to_reach(true: float, mark: float, se: float, *, greater_is_better: bool) -> float:
    """Return P(measured value is at least as good as ``mark``) if it truly is ``true``.

    The normal approximation: the measured value has mean ``true`` and standard error ``se``.
    """
    ahead = true - mark if greater_is_better else mark - true
    if se <= 0:
        return 1.0 if ahead >= 0 else 0.0
    return 0.5 * (1 + math.erf(ahead / (se * math.sqrt(2))))


def chance_of_share(true: float, mark: float, n: int) -> float:
    """Return P(at least ``mark`` of ``n`` rows are right) if each is right with P ``true``.

    Exact, by the binomial distribution; for metrics that count right rows.
    """
    least = math.ceil(round(mark * n, 9))
    if least <= 0 or true >= 1:
        return 1.0
    if true <= 0 or least > n:
        return 0.0
    hit, miss = math.log(true), math.log1p(-true)
    ways = math.lgamma(n + 1)
    terms = (
        math.exp(ways - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * hit + (n - k) * miss)
        for k in range(least, n + 1)
    )
    return min(1.0, math.fsum(terms))
