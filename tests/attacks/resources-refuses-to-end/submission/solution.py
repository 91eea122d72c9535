import sys
import time

from plain import *


class Stuck:
    def write(self, text):
        return len(text)

    def flush(self):
        time.sleep(3600)


sys.stdout = sys.stderr = Stuck()
