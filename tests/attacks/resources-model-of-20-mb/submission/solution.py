from plain import *


def fit(train):
    return bytes(20 << 20)
