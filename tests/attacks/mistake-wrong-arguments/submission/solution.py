from plain import *


def fit(features, labels, *, seed):
    return None
