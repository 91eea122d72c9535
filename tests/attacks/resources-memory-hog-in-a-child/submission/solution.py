import os

import plain
from plain import *


def fit(train):
    child = os.fork()
    if not child:
        hoard = []
        while True:
            hoard.append(bytearray(b"x" * (4 << 20)))
    assert os.waitpid(child, 0)[1] == 9, "ESCAPED: the child was not stopped"
    return plain.fit(train)
