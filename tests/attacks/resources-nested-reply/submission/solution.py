from plain import *


def predict(model, features):
    nest = []
    for _ in range(100_000):
        nest = [nest]
    return nest
