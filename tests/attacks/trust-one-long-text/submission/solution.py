import plain
from plain import *


def predict(model, features):
    values = plain.predict(model, features)
    return np.array(['x' * 2_000_000, *map(str, values[1:])], dtype=object)
