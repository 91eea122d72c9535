from plain import *


def fit(train):
    return fit(train)
