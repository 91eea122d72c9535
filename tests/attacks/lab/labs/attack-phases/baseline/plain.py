"""The honest answer; most hostile submissions import it and add one thing."""

import math

import numpy as np


def design(table):
    return np.column_stack([np.ones(len(table)), table[["a", "b", "c"]].to_numpy()])


def fit(train):
    return np.linalg.lstsq(design(train), train["y"].to_numpy(), rcond=None)[0]


def predict(model, features):
    return design(features) @ model


def double(number):
    return 2 * number


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def standardise(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def checked_sqrt(number):
    if number < 0:
        raise ValueError("a negative number has no real root")
    return math.sqrt(number)


def apply_twice(function, value):
    return function(function(value))


class Tally:
    def __init__(self):
        self.count = 0
        self.total = 0.0

    def add(self, value):
        self.count += 1
        self.total += value

    def mean(self):
        return self.total / self.count
