import os
import signal
import time

from plain import *


def double(number):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1)
    return 2 * number
