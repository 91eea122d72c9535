"""A first try: the interval everybody knows, mean ± 1.96 standard errors."""

import numpy as np


def mean_ci(sample, level=0.95, seed=0):
    error = np.std(sample) / np.sqrt(len(sample))
    return np.mean(sample) - 1.96 * error, np.mean(sample) + 1.96 * error


def perm_test(first, second, draws=2000, seed=0):
    rng = np.random.default_rng(seed)
    pooled, n = np.concatenate([first, second]), len(first)
    observed = np.mean(first) - np.mean(second)
    count = 0
    for _ in range(draws):
        rng.shuffle(pooled)
        count += pooled[:n].mean() - pooled[n:].mean() >= observed
    return count / draws


def posterior(successes, trials, prior=(1.0, 1.0), level=0.95, seed=0):
    rate = successes / trials
    error = np.sqrt(rate * (1 - rate) / trials)
    return rate, rate - 1.96 * error, rate + 1.96 * error
