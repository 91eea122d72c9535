from plain import *


def fit(train)
    return 1
