import stream
from plain import *


def double(number):
    stream.send({"t": "callback", "number": [1], "args": [], "kwargs": {}})
    return 2 * number
