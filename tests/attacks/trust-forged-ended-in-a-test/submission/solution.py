import stream
from plain import *


def double(number):
    stream.send({"t": "ended", "status": 0, "value": 2 * number, "id": stream.request()["id"]})
    return 2 * number
