from plain import *


class Ring(dict):
    pass


def predict(model, features):
    ring = Ring()
    ring["a"] = (ring, [ring])
    return ring
