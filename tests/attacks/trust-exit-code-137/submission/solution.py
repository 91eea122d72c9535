import os
import signal

from plain import *


def predict(model, features):
    os.kill(os.getpid(), signal.SIGKILL)
