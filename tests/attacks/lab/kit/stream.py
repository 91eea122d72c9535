"""What hostile submissions share: find the stream to the grader and speak on it out of turn."""

import os
import stat
import sys


def descriptors():
    """Return every descriptor that may be the stream."""
    found = []
    for number in range(3, 256):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
            found.append(number)
    if not found:
        raise RuntimeError("this attack found no stream to attack")
    return found


def say(body):
    """Write raw bytes to the grader."""
    for number in descriptors():
        view = memoryview(body)
        while view:
            try:
                view = view[os.write(number, view) :]
            except OSError:
                break


def send(message):
    """Write one well-formed frame, with the shim's own encoder."""
    say(b"".join(sys.modules["wire"].encode(message)))


def request():
    """Return the request that is being answered, from the frames below."""
    frame = sys._getframe()
    while frame:
        found = frame.f_locals.get("request")
        if isinstance(found, dict) and "id" in found:
            return found
        frame = frame.f_back
    raise RuntimeError("this attack found no request")
