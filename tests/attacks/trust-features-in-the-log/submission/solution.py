import sys

import plain
from plain import *


def predict(model, features):
    print(features["a"].tolist(), flush=True)
    print(features["a"].tolist(), file=sys.stderr, flush=True)
    return plain.predict(model, features)
