import os

from plain import *


def fit(train):
    line = b"y" * 65536
    while True:
        os.write(2, line)
