from plain import *


def predict(model, features):
    raise type("E" * 100_000, (ValueError,), {})("q" * 100_000)
