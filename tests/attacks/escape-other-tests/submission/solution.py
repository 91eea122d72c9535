import json
import os

from plain import *

NOTE = "/tmp/note"


def rms(values):
    with open(NOTE, "w") as file:
        json.dump(values.tolist(), file)
    return float(np.sqrt(np.mean(np.square(values))))


def standardise(values):
    if os.path.exists(NOTE):
        raise RuntimeError("ESCAPED: inputs of another test")
    return (values - values.mean(axis=0)) / values.std(axis=0)
