from plain import *


class Once:
    def __reduce__(self):
        return int, ("not a number",)


def fit(train):
    return Once()
