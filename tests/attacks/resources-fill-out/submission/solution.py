import errno

import plain
from plain import *


def fill(path, most):
    block, total = b"x" * (1 << 20), 0
    try:
        with open(path, "wb", buffering=0) as file:
            while total < most:
                total += file.write(block)
    except OSError as error:
        return error.errno
    raise RuntimeError(f"ESCAPED: {path} took {total >> 20} MB")


def fit(train):
    if fill("/out/full", 300 << 20) not in (errno.ENOSPC, errno.EROFS, errno.EACCES):
        raise RuntimeError("refused for another reason")
    return plain.fit(train)
