import msgpack

import stream
from plain import *


def double(number):
    head = msgpack.packb({"t": msgpack.ExtType(5, msgpack.packb([1, "str"])), "id": stream.request()["id"], "value": 1})
    stream.say(len(head).to_bytes(4, "big") + bytes(4) + len(head).to_bytes(8, "big") + head)
    return 2 * number
