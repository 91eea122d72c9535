from plain import *


class Model:
    def __reduce__(self):
        while True:
            pass


def fit(train):
    return Model()
