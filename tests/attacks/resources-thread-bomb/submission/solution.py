import threading
import time

import plain
from plain import *


def fit(train):
    threads = []
    for _ in range(5000):
        try:
            thread = threading.Thread(target=time.sleep, args=(3600,))
            thread.start()
            threads.append(thread)
        except RuntimeError:
            return plain.fit(train)
    raise RuntimeError("ESCAPED: 5000 threads were allowed")
