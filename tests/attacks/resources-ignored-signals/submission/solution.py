import signal
import time

from plain import *


def predict(model, features):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
