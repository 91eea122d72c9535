import atexit
import signal
import time

import plain
from plain import *

atexit.register(time.sleep, 3600)
signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Clinging:
    def __del__(self):
        time.sleep(3600)


keep = Clinging()
