import os

import plain
from plain import *


def fit(train):
    line = b"flood " * 20000
    for _ in range(500):
        os.write(2, line)
    return plain.fit(train)
