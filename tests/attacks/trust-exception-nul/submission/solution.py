from plain import *


def predict(model, features):
    raise ValueError("a\0b \ud800 \udfff \u202etxet desrever \u2028 \ufffe \x85")
